// Holds the one or two <video> elements of a player. A new source loads below the picture on the screen and replaces
// it with its first frame, so that the picture never goes black.

import { attachMedia } from './media-source.js';
import { Playback } from './playback.js';
import { SoundRoute } from './sound-route.js';

/**
 * @typedef {object} Act
 * @property {number} leg
 * @property {number} sink
 * @property {Playback} playback
 * @property {() => void} release
 */

/**
 * @typedef {object} StageEvents
 * @property {(act: Act) => void} onShown
 * @property {(act: Act, mediaTimeS: number) => void} onFrame
 * @property {(act: Act) => void} onStall
 * @property {(act: Act, message: string) => void} onBroken
 * @property {(act: Act) => void} onRefused
 * @property {(act: Act) => void} onPaused
 * @property {(act: Act) => void} onPlayed
 * @property {(video: HTMLVideoElement) => void} onVideo a new element exists
 */

export class Stage {
  /**
   * @param {HTMLElement} box
   * @param {StageEvents} events
   */
  constructor(box, events) {
    this.box_ = box;
    this.events_ = events;
    /** @type {Act | null} */
    this.onScreen = null;
    /** @type {Act | null} */
    this.next = null;
    /** @type {HTMLVideoElement[]} */
    this.videos_ = [];
    this.muted_ = true;
    this.volume_ = 1;
    this.route_ = new SoundRoute(() => this.routeSound_(), () => this.leaveRoute_());
  }

  /** The act on the screen, or the next one before the first picture. */
  get act() {
    return this.onScreen ?? this.next;
  }

  /** The element that is on the screen, if there is one. */
  get video() {
    return this.act?.playback.video ?? null;
  }

  /**
   * @param {boolean} muted
   * @param {number} volume
   */
  setSound(muted, volume) {
    this.muted_ = muted;
    this.volume_ = volume;
    for (const video of this.videos_) {
      video.muted = muted;
      video.volume = volume;
    }
    // Open it early, so that it is ready when the sound begins. Without a gesture the browser would refuse it.
    if (!muted && navigator.userActivation?.hasBeenActive) this.route_.open();
    this.routeSound_();
  }

  /**
   * @param {number} leg
   * @param {number} sink
   * @param {MediaSource | MediaSourceHandle} source
   * @param {boolean} managed
   */
  load(leg, sink, source, managed) {
    if (this.next) this.drop_(this.next);
    this.next = null;
    // A picture-in-picture window belongs to one element: replace that element's source.
    const old = this.onScreen;
    const inPlace = old !== null && this.isOut(old.playback.video);
    if (old && inPlace) {
      old.playback.destroy();
      old.release();
    }
    const video = old && inPlace ? old.playback.video : this.spareVideo_();
    video.muted = this.muted_;
    video.volume = this.volume_;
    if (!inPlace) this.box_.append(video);
    const release = attachMedia(video, source, managed);
    /** @type {Act} */
    const act = {
      leg, sink, release,
      playback: new Playback(video, {
        onShown: () => this.show_(act),
        onFrame: (mediaTimeS) => this.events_.onFrame(act, mediaTimeS),
        onStall: () => this.events_.onStall(act),
        onBroken: (message) => this.events_.onBroken(act, message),
        onRefused: () => this.events_.onRefused(act),
        onPaused: () => this.events_.onPaused(act),
        onPlayed: () => this.events_.onPlayed(act),
      }),
    };
    if (inPlace) this.onScreen = act;
    else this.next = act;
    this.routeSound_();
  }

  tick() {
    this.onScreen?.playback.tick();
    this.next?.playback.tick();
  }

  /**
   * @param {number} sink
   * @returns {Act | null}
   */
  find(sink) {
    if (this.next?.sink === sink) return this.next;
    return this.onScreen?.sink === sink ? this.onScreen : null;
  }

  /**
   * Whether the element is shown in picture in picture or in Safari's full screen.
   * @param {HTMLVideoElement} video
   */
  isOut(video) {
    const root = this.box_.getRootNode();
    const { webkitPresentationMode: mode } =
      /** @type {{webkitPresentationMode?: string}} */ (/** @type {unknown} */ (video));
    return mode === 'picture-in-picture' || mode === 'fullscreen' ||
      (root instanceof ShadowRoot && root.pictureInPictureElement === video);
  }

  destroy() {
    for (const act of [this.onScreen, this.next]) if (act) this.drop_(act);
    this.onScreen = null;
    this.next = null;
    this.videos_ = [];
    this.route_.destroy();
  }

  /** @param {Act} act */
  show_(act) {
    if (this.next === act) {
      const old = this.onScreen;
      this.onScreen = act;
      this.next = null;
      if (old) this.drop_(old);
    }
    // Sound is allowed, because it is playing.
    if (!this.muted_) this.route_.open();
    this.events_.onShown(act);
  }

  routeSound_() {
    if (this.muted_) return;
    for (const act of [this.onScreen, this.next]) {
      if (act && this.route_.carry(act.playback.video)) act.playback.routed();
    }
  }

  /** A carried element cannot play its sound by itself again: rebuild with another element. */
  leaveRoute_() {
    for (const act of [this.onScreen, this.next]) {
      if (act && !this.route_.serves(act.playback.video)) this.events_.onBroken(act, 'the audio output was closed');
    }
  }

  /** @param {Act} act */
  drop_(act) {
    act.playback.destroy();
    act.release();
    act.playback.video.remove();
  }

  /** Two elements are used in turns, because an element that a gesture once let play may play again. */
  spareVideo_() {
    const used = [this.onScreen?.playback.video, this.next?.playback.video];
    this.videos_ = this.videos_.filter((video) => used.includes(video) || this.route_.serves(video));
    const spare = this.videos_.find((video) => !used.includes(video));
    if (spare) return spare;
    const video = document.createElement('video');
    video.playsInline = true;
    video.setAttribute('part', 'video');
    video.disablePictureInPicture = false;
    video.tabIndex = -1;
    this.videos_.push(video);
    this.events_.onVideo(video);
    return video;
  }
}
