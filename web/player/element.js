// <live-player>: attributes, methods and events around a LiveSession, and the controls over it.
// Documented for users in docs/player.md.

import { Beacon, beaconBody } from './beacon.js';
import { Controls } from './controls.js';
import { LiveSession } from './live-session.js';
import { holdMediaSession } from './media-session.js';
import { findMediaSource } from './media-source.js';
import { PlayPromise } from './play-promise.js';
import { readPreferences, writePreferences } from './preferences.js';
import { ReflectingElement } from './reflection.js';
import { emptySheet, sheet } from './styles.js';

/** @typedef {import('./states.js').PlayerState} PlayerState */

const kLatencyEveryMs = 1000;
// The controls are made with the first picture, or after this long without one, because it is not to wait for them.
const kControlsAfterMs = 300;
// The delay is the median of so many samples, four a second, and keeps its value for changes below the step.
const kDelaySamples = 12;
const kDelayStepMs = 20;
const kUnsupported = 'This browser cannot play live video: it has neither Media Source Extensions nor ' +
  'a managed media source';

// This far outside the window a player counts as seen, so that it plays when it is scrolled in.
const kNearPx = 200;
const kSettable = ['src', 'autoplay', 'controls', 'defaultMuted', 'audio', 'transport', 'latencyFloor', 'label',
  'muted', 'volume'];

export class LivePlayer extends ReflectingElement {
  static observedAttributes = [
    'src', 'autoplay', 'muted', 'volume', 'controls', 'audio', 'transport', 'latency-floor', 'label',
  ];

  constructor() {
    super();
    this.root_ = this.attachShadow({ mode: 'open' });
    this.shape_ = this.styled_();
    this.box_ = document.createElement('div');
    this.box_.className = 'stage';
    this.box_.setAttribute('part', 'stage');
    this.root_.append(this.box_);
    /** @type {LiveSession | null} */
    this.session_ = null;
    /** @type {Controls | null} */
    this.controls_ = null;
    /** @type {Beacon | null} */
    this.beacon_ = null;
    /** @type {IntersectionObserver | null} */
    this.view_ = null;
    this.latencyTimer_ = 0;
    this.controlsTimer_ = 0;
    /** Whether play() or pause() was called last; null before both. @type {boolean | null} */
    this.wanted_ = null;
    this.toldPaused_ = true;
    /** Null while the attribute decides. @type {boolean | null} */
    this.muted_ = null;
    /** Null while the viewer's stored choice decides. @type {number | null} */
    this.volume_ = null;
    /** @type {PlayPromise | null} */
    this.playing_ = null;
    /** @type {number | null} */
    this.delay_ = null;
    this.upgrade_();
  }

  connectedCallback() {
    // Moved within the page: everything goes on.
    if (this.session_) return;
    if (this.wanted_ === null && this.autoplay) this.wanted_ = true;
    this.begin_();
  }

  disconnectedCallback() {
    // A page that moves the element takes it out and puts it in again in one task.
    queueMicrotask(() => {
      if (!this.isConnected) this.destroy();
    });
  }

  adoptedCallback() {
    this.shape_ = this.styled_();
    this.resized_();
  }

  /**
   * Closes connections, timers and the worker. Adding the element to a page again starts a new session with the same
   * sound, which plays if this one did.
   */
  destroy() {
    if (this.session_) this.wanted_ = this.session_.wantsToPlay;
    clearInterval(this.latencyTimer_);
    clearTimeout(this.controlsTimer_);
    this.view_?.disconnect();
    this.beacon_?.destroy();
    this.controls_?.destroy();
    this.session_?.destroy();
    this.beacon_ = null;
    this.controls_ = null;
    this.session_ = null;
    holdMediaSession(this, false);
    this.settlePlay_('AbortError', 'the player was removed');
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    // Before the first session the attribute itself is read.
    if (name === 'muted') {
      if (this.session_ || this.muted_ !== null) this.muted = this.defaultMuted;
    } else if (name === 'volume') {
      if (this.volume_ !== null && Number.isFinite(Number(now ?? NaN))) this.volume = Number(now);
    } else if (name === 'autoplay') {
      if (this.session_ && this.autoplay && this.wanted_ === null) void this.play();
    } else if (name === 'controls') {
      this.controls_?.setVisible(this.controls);
    } else if (name === 'label') {
      this.changed_();
    } else if (this.isConnected && (this.session_ || name === 'src')) {
      this.begin_();
    }
  }

  /** One of the states in docs/player.md. */
  get state() {
    return this.session_?.state ?? 'idle';
  }

  /** The state in words, for people. */
  get words() {
    return this.session_?.words ?? '';
  }

  /** Cause and cure behind the words; empty where the words are enough. */
  get explanation() {
    return this.session_?.explanation ?? '';
  }

  /** Whether a picture is on the screen. */
  get shown() {
    return this.session_?.playback?.shown ?? false;
  }

  /** Seconds since the source gave the picture, while that is an old one in place of a source that opens; else null. */
  get pictureAge() {
    const ageMs = this.session_?.pictureAgeMs ?? null;
    return ageMs === null ? null : ageMs / 1000;
  }

  /** The server's error message about the source; empty when there is none. */
  get sourceError() {
    return this.session_?.sourceError ?? '';
  }

  get paused() {
    return this.session_?.paused ?? this.wanted_ !== true;
  }

  get muted() {
    return this.muted_ ?? this.defaultMuted;
  }

  set muted(muted) {
    this.muted_ = Boolean(muted);
    this.soundChanged_();
  }

  /** 0 to 1. */
  get volume() {
    // Frameworks set an attribute where the element is not defined yet.
    const given = parseFloat(this.getAttribute('volume') ?? '');
    this.volume_ ??= given >= 0 && given <= 1 ? given : readPreferences().volume;
    return this.volume_;
  }

  set volume(volume) {
    const wanted = Number(volume);
    if (!Number.isFinite(wanted)) throw new TypeError(`volume is a number from 0 to 1, not ${String(volume)}`);
    this.volume_ = Math.min(1, Math.max(0, wanted));
    this.soundChanged_();
  }

  /** Whether the stream has sound; null while that is not known. */
  get hasSound() {
    return this.session_?.hasSound ?? null;
  }

  /** The numbers of the statistics overlay. */
  get statistics() {
    return this.session_?.statistics.report ?? null;
  }

  /** Latency and buffer over the last minute, in ms. */
  get samples() {
    const statistics = this.session_?.statistics;
    return statistics ? { latency: statistics.latency.all, buffer: statistics.buffer.all } : null;
  }

  /** Codecs and transport of the stream; null before playing has begun. */
  get media() {
    const session = this.session_;
    if (!session) return null;
    const codecs = session.tracks.map((track) => track.codec).join(', ');
    return { codecs, transport: session.transport, inWorker: session.inWorker };
  }

  /** Of the picture on the screen; 0 before the first one. */
  get videoWidth() {
    return this.video?.videoWidth ?? 0;
  }

  get videoHeight() {
    return this.video?.videoHeight ?? 0;
  }

  /** The delay in ms from the server's reception of a frame to its showing, smoothed; null while it is not known. */
  get delayMs() {
    const recent = this.samples?.latency.slice(-kDelaySamples).map((sample) => sample.value).sort((a, b) => a - b);
    const middle = recent?.[recent.length >> 1];
    if (middle === undefined) return null;
    // Small changes are noise of the measurement.
    if (this.delay_ === null || Math.abs(middle - this.delay_) > kDelayStepMs) this.delay_ = middle;
    return Math.max(0, this.delay_);
  }

  /** The <video> that shows the picture now; another one may replace it at any time. */
  get video() {
    return this.session_?.video ?? null;
  }

  /**
   * Plays, always from the live edge.
   * @returns {Promise<void>} resolved with the first picture. Rejected as in <video>: NotAllowedError if the browser
   *   wants a gesture first, AbortError if pause() or removal comes first
   */
  play() {
    this.wanted_ = true;
    this.playing_ ??= new PlayPromise();
    const { promise } = this.playing_;
    if (this.session_) this.session_.play();
    else if (this.isConnected) this.begin_();
    this.changed_();
    return promise;
  }

  pause() {
    this.wanted_ = false;
    this.session_?.pause();
    this.changed_();
  }

  /** Jumps to the live edge. */
  goLive() {
    this.session_?.goLive();
  }

  /**
   * The shown picture as PNG.
   * @returns {Promise<Blob>}
   */
  async snapshot() {
    const video = this.video;
    if (!video || video.videoWidth === 0) throw new Error('no picture yet');
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no PNG'))), 'image/png');
    });
  }

  /**
   * Handles a key pressed anywhere on the page, for pages that want the player's keys to work everywhere.
   * @param {KeyboardEvent} event
   */
  handleKey(event) {
    this.controls_?.handleKey(event);
  }

  toggleStatistics() {
    this.controls_?.toggleStatistics();
  }

  /** Stores the viewer's choice of sound. Settings made by the page are not stored. */
  remember() {
    writePreferences({ volume: this.volume, muted: this.muted });
  }

  /** Puts the style sheets in; returns the one for the shape of the picture. */
  styled_() {
    const shape = emptySheet(this.ownerDocument);
    this.root_.adoptedStyleSheets = [sheet(this.ownerDocument), shape];
    return shape;
  }

  /** Starts a session for the present attributes, instead of the one that runs. */
  begin_() {
    if (this.session_) this.wanted_ = this.session_.wantsToPlay;
    this.session_?.destroy();
    this.session_ = null;
    this.beacon_?.destroy();
    this.beacon_ = null;
    this.delay_ = null;
    const source = this.getAttribute('src') ?? 'stream';
    const stream = addressOf(source);
    const known = stream ?? new URL(import.meta.url);
    const floor = Number(this.getAttribute('latency-floor') ?? NaN);
    const session = new LiveSession(this.box_, {
      streamUrl: known.href, timeUrl: new URL('time', known).href,
      mayHaveAudio: this.getAttribute('audio') !== 'off',
      floorMs: Number.isFinite(floor) && floor >= 0 ? floor : null,
      inView: this.watchView_(),
      transport: this.getAttribute('transport'),
    }, {
      onState: (state, words) => this.stateChanged_(state, words),
      onError: (error) => this.dispatchEvent(new CustomEvent('error', { detail: error })),
      onBlocked: () => {
        this.muted = true;
      },
      onVideo: (video) => {
        video.addEventListener('resize', () => this.resized_());
        this.controls_?.adopt(video);
      },
    });
    this.session_ = session;
    session.setSound(this.muted, this.volume);
    if (source === '') {
      // As in <video>: without an address nothing is loaded.
    } else if (!stream) {
      this.fail_('stream', 'bad-address', `The address of the stream is not a URL: ${source}`);
    } else if (!findMediaSource(globalThis)) {
      this.fail_('browser', 'no-media-source', kUnsupported);
    } else {
      this.report_(session, stream);
      if (this.wanted_) session.play();
    }
    this.changed_();
    clearTimeout(this.controlsTimer_);
    if (!this.controls_) this.controlsTimer_ = setTimeout(() => this.makeControls_(), kControlsAfterMs);
  }

  /**
   * @param {LiveSession} session
   * @param {URL} stream
   */
  report_(session, stream) {
    this.beacon_ = new Beacon(() => new URL('beacon', stream).href, () =>
      (session.paused || session.state === 'resting' ? null : beaconBody(
        session.statistics.report, session.viewer, session.transport ?? '', session.state)));
    clearInterval(this.latencyTimer_);
    this.latencyTimer_ = setInterval(() => this.tellLatency_(), kLatencyEveryMs);
  }

  /**
   * @param {'stream' | 'browser'} type
   * @param {string} detail
   * @param {string} message
   */
  fail_(type, detail, message) {
    this.session_?.fail(message);
    this.dispatchEvent(new CustomEvent('error', { detail: { type, detail, fatal: true, message } }));
  }

  /** Tells the session whether the player can be seen; returns whether it can now. */
  watchView_() {
    this.view_?.disconnect();
    this.view_ = new IntersectionObserver((entries) => {
      const last = entries[entries.length - 1];
      if (last && this.isConnected) this.session_?.setInView(last.isIntersecting);
    }, { rootMargin: `${kNearPx}px` });
    this.view_.observe(this);
    // The observer reports with the next frame; a hidden page has none. A player far below is not to load until then.
    if (document.visibilityState !== 'visible') return true;
    const { top, bottom, width, height } = this.getBoundingClientRect();
    return width > 0 && height > 0 && bottom > -kNearPx && top < innerHeight + kNearPx;
  }

  /**
   * @param {PlayerState} state
   * @param {string} words
   */
  stateChanged_(state, words) {
    if (state === 'live' || this.pictureAge !== null) this.makeControls_();
    this.changed_();
    this.dispatchEvent(new CustomEvent('statechange', { detail: { state, words } }));
  }

  /** Brings controls, promises and events up to the present state. */
  changed_() {
    const { state, paused } = this;
    this.controls_?.update();
    holdMediaSession(this, this.session_ !== null && !this.muted && this.hasSound !== false && state !== 'idle');
    if (state === 'live' || state === 'catching-up') this.settlePlay_();
    else if (state === 'blocked') this.settlePlay_('NotAllowedError', 'the browser wants a gesture first');
    else if (paused) this.settlePlay_('AbortError', 'pause() was called');
    if (paused === this.toldPaused_) return;
    this.toldPaused_ = paused;
    this.dispatchEvent(new Event(paused ? 'pause' : 'play'));
  }

  /**
   * @param {string} [name] of the error; none on success
   * @param {string} [message]
   */
  settlePlay_(name, message) {
    this.playing_?.settle(name ? new DOMException(message, name) : null);
    this.playing_ = null;
  }

  /** The shape of the picture becomes the shape of the player, unless the page sets another. */
  resized_() {
    const { videoWidth: width, videoHeight: height } = this;
    if (width === 0 || height === 0) return;
    this.shape_.replaceSync(`:host { aspect-ratio: ${width} / ${height}; }`);
    this.dispatchEvent(new Event('resize'));
  }

  /** Takes over what a page has set before this element was defined. */
  upgrade_() {
    for (const name of kSettable) {
      if (!Object.hasOwn(this, name)) continue;
      const value = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }

  makeControls_() {
    clearTimeout(this.controlsTimer_);
    if (this.controls_ || !this.session_) return;
    this.controls_ = new Controls(this);
    this.controls_.setVisible(this.controls);
    if (this.video) this.controls_.adopt(this.video);
    this.controls_.update();
  }

  soundChanged_() {
    this.session_?.setSound(this.muted, this.volume);
    this.changed_();
    this.dispatchEvent(new Event('volumechange'));
  }

  tellLatency_() {
    const report = this.statistics;
    if (!report || report.latencyMs === null) return;
    const { latencyMs, bufferMs } = report;
    this.dispatchEvent(new CustomEvent('latency', { detail: { latencyMs, bufferMs } }));
  }
}

/**
 * @param {string} source the attribute src
 * @returns {URL | null}
 */
function addressOf(source) {
  try {
    return new URL(source, document.baseURI);
  } catch {
    return null;
  }
}
