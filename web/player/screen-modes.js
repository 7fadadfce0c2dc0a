// Full screen and picture in picture, through the interface that the browser has.

/** @typedef {import('./element.js').LivePlayer} LivePlayer */

/**
 * Members that only Safari's video elements have.
 * @typedef {object} WebKitVideo
 * @property {() => void} [webkitEnterFullscreen]
 * @property {boolean} [webkitSupportsFullscreen]
 * @property {(mode: string) => boolean} [webkitSupportsPresentationMode]
 * @property {(mode: string) => void} [webkitSetPresentationMode]
 * @property {string} [webkitPresentationMode]
 */

/**
 * @param {HTMLVideoElement | null} video
 * @returns {WebKitVideo}
 */
const webkit = (video) => /** @type {WebKitVideo} */ (/** @type {unknown} */ (video ?? {}));

export class FullScreen {
  /**
   * @param {LivePlayer} player
   * @param {() => void} onChange
   */
  constructor(player, onChange) {
    this.player_ = player;
    this.listening_ = new AbortController();
    this.onChange_ = onChange;
    player.ownerDocument.addEventListener('fullscreenchange', onChange, { signal: this.listening_.signal });
  }

  get active() {
    // Not document.fullscreenElement: inside another shadow tree it names that tree's host.
    return this.player_.matches(':fullscreen');
  }

  get possible() {
    return document.fullscreenEnabled || webkit(this.player_.video).webkitEnterFullscreen !== undefined;
  }

  /** @param {HTMLVideoElement} video */
  watch(video) {
    const { signal } = this.listening_;
    video.addEventListener('loadedmetadata', this.onChange_, { signal });
  }

  toggle() {
    if (this.active) {
      document.exitFullscreen().catch(() => {});
    } else if (document.fullscreenEnabled) {
      // Refused only without a gesture; the viewer did not ask for it then.
      this.player_.requestFullscreen().catch(() => {});
    } else {
      // An iPhone can show only a video in full screen, not the whole player.
      webkit(this.player_.video).webkitEnterFullscreen?.();
    }
  }

  destroy() {
    this.listening_.abort();
    if (this.active) document.exitFullscreen().catch(() => {});
  }
}

export class PictureInPicture {
  /**
   * @param {LivePlayer} player
   * @param {() => void} onChange
   */
  constructor(player, onChange) {
    this.player_ = player;
    this.onChange_ = onChange;
    this.listening_ = new AbortController();
  }

  get active() {
    const { video } = this.player_;
    return video !== null && (this.player_.shadowRoot?.pictureInPictureElement === video ||
      webkit(video).webkitPresentationMode === 'picture-in-picture');
  }

  get possible() {
    const { video } = this.player_;
    return document.pictureInPictureEnabled ||
      webkit(video).webkitSupportsPresentationMode?.('picture-in-picture') === true;
  }

  /** @param {HTMLVideoElement} video */
  watch(video) {
    const { signal } = this.listening_;
    for (const type of ['enterpictureinpicture', 'leavepictureinpicture', 'webkitpresentationmodechanged']) {
      video.addEventListener(type, this.onChange_, { signal });
    }
  }

  toggle() {
    const { video } = this.player_;
    if (!video) return;
    const { webkitSetPresentationMode: setMode } = webkit(video);
    if (document.pictureInPictureEnabled) {
      const done = this.active ? document.exitPictureInPicture() : video.requestPictureInPicture();
      done.catch(() => {});
    } else {
      setMode?.call(video, this.active ? 'inline' : 'picture-in-picture');
    }
  }

  destroy() {
    this.listening_.abort();
  }
}
