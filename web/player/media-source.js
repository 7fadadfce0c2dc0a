// Finds the browser's Media Source Extensions: MediaSource, or ManagedMediaSource where only that
// exists (iPhone, from iOS 17.1).

/** @typedef {new () => MediaSource} MediaSourceClass */
/**
 * @typedef {object} MediaSupport
 * @property {MediaSourceClass} make
 * @property {boolean} managed
 * @property {(mime: string) => boolean} supports
 */
/**
 * The members of the scope that are used here; undefined where the browser lacks them.
 * @typedef {object} MediaScope
 * @property {typeof MediaSource} [MediaSource]
 * @property {typeof MediaSource} [ManagedMediaSource]
 */

/**
 * @param {object} scope `globalThis`, or a stand-in
 * @returns {MediaSupport | null} null where live video cannot be played by script
 */
export function findMediaSource(scope) {
  const { MediaSource: plain, ManagedMediaSource: managed } = /** @type {MediaScope} */ (scope);
  // Safari on the desktop has both. The plain one is used, because it leaves buffering to the player.
  const chosen = plain ?? managed;
  if (!chosen) return null;
  return {
    make: chosen,
    managed: !plain,
    supports: (mime) => chosen.isTypeSupported(mime),
  };
}

/**
 * Whether a worker can feed media. It then plays on while the page is busy.
 * @param {object} scope
 */
export function canFeedFromWorker(scope) {
  const { MediaSource: plain } =
    /** @type {{MediaSource?: {canConstructInDedicatedWorker?: boolean}}} */ (scope);
  return plain?.canConstructInDedicatedWorker === true && 'Worker' in scope &&
    'MediaSourceHandle' in scope;
}

/**
 * Gives a media element its source.
 * @param {HTMLVideoElement} video
 * @param {MediaSource | MediaSourceHandle} source
 * @param {boolean} managed
 * @returns {() => void} releases the source
 */
export function attachMedia(video, source, managed) {
  // On iPhones a managed source opens only when remote playback is disabled.
  if (managed) video.disableRemotePlayback = true;
  if (!('readyState' in source)) {
    video.srcObject = /** @type {MediaProvider} */ (source);
    return () => {
      video.srcObject = null;
    };
  }
  const url = URL.createObjectURL(source);
  video.src = url;
  return () => {
    URL.revokeObjectURL(url);
    video.removeAttribute('src');
    video.load();
  };
}
