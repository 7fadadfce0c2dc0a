// <live-player>: attributes, methods and events around a LiveSession, and the controls over it.
// Documented for users in docs/player.md.

import { Beacon, beaconBody } from './beacon.js';
import { LiveSession } from './live-session.js';
import { findMediaSource } from './media-source.js';
import { readPreferences, writePreferences } from './preferences.js';
import { sheet } from './styles.js';

/** @typedef {import('./states.js').PlayerState} PlayerState */
/** @typedef {import('./controls.js').Controls} Controls */

const kLatencyEveryMs = 1000;
// The controls are loaded with the first picture, or after this long without one.
const kControlsAfterMs = 300;
// If loading them failed, it is tried again after this long.
const kControlsAgainMs = 1000;
const kUnsupported = 'This browser cannot play live video: it has neither Media Source Extensions nor ' +
  'a managed media source';

export class LivePlayer extends HTMLElement {
  static observedAttributes = ['src', 'muted', 'controls', 'audio', 'transport', 'latency-floor'];

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet()];
    this.box_ = document.createElement('div');
    this.box_.className = 'stage';
    this.box_.setAttribute('part', 'stage');
    root.append(this.box_);
    /** @type {LiveSession | null} */
    this.session_ = null;
    /** @type {Controls | null} */
    this.controls_ = null;
    /** @type {Beacon | null} */
    this.beacon_ = null;
    this.latencyTimer_ = 0;
    this.controlsTimer_ = 0;
    this.muted_ = true;
    this.volume_ = 1;
  }

  connectedCallback() {
    if (this.session_) return;
    const remembered = readPreferences();
    this.volume_ = remembered.volume;
    this.muted_ = this.hasAttribute('muted');
    this.begin_();
  }

  disconnectedCallback() {
    this.destroy();
  }

  /** Closes connections, timers and the worker. Adding the element to a page again starts a new session. */
  destroy() {
    clearInterval(this.latencyTimer_);
    clearTimeout(this.controlsTimer_);
    this.beacon_?.destroy();
    this.controls_?.destroy();
    this.session_?.destroy();
    this.beacon_ = null;
    this.controls_ = null;
    this.session_ = null;
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (!this.session_ || before === now) return;
    if (name === 'muted') this.muted = now !== null;
    else if (name === 'controls') this.controls_?.setVisible(now !== null);
    else this.begin_();
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

  /** The server's error message about the source; empty when there is none. */
  get sourceError() {
    return this.session_?.sourceError ?? '';
  }

  get paused() {
    return this.session_?.paused ?? true;
  }

  get muted() {
    return this.muted_;
  }

  set muted(muted) {
    this.muted_ = muted;
    this.soundChanged_();
  }

  /** 0 to 1. */
  get volume() {
    return this.volume_;
  }

  set volume(volume) {
    this.volume_ = Math.min(1, Math.max(0, volume));
    this.soundChanged_();
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

  /** The <video> that shows the picture now; another one may replace it at any time. */
  get video() {
    return this.session_?.video ?? null;
  }

  /** Plays, always from the live edge. */
  play() {
    this.session_?.play();
    this.controls_?.update();
  }

  pause() {
    this.session_?.pause();
    this.controls_?.update();
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
    writePreferences({ volume: this.volume_, muted: this.muted_ });
  }

  begin_() {
    const wasPlaying = this.session_ !== null && !this.session_.paused;
    this.session_?.destroy();
    const stream = new URL(this.getAttribute('src') ?? 'stream', document.baseURI);
    const floor = Number(this.getAttribute('latency-floor') ?? NaN);
    const session = new LiveSession(this.box_, {
      streamUrl: stream.href, timeUrl: new URL('time', stream).href,
      mayHaveAudio: this.getAttribute('audio') !== 'off',
      floorMs: Number.isFinite(floor) && floor >= 0 ? floor : null,
      transport: this.getAttribute('transport'),
    }, {
      onState: (state, words) => {
        if (state === 'live') void this.loadControls_();
        this.controls_?.update();
        this.dispatchEvent(new CustomEvent('statechange', { detail: { state, words } }));
      },
      onError: (error) => this.dispatchEvent(new CustomEvent('error', { detail: error })),
      onBlocked: () => {
        this.muted = true;
      },
      onVideo: (video) => this.controls_?.adopt(video),
    });
    this.session_ = session;
    session.setSound(this.muted_, this.volume_);
    this.beacon_?.destroy();
    this.beacon_ = new Beacon(() => new URL('beacon', stream).href, () =>
      (session.paused || session.state === 'resting' ? null : beaconBody(
        session.statistics.report, session.viewer, session.transport ?? '', session.state)));
    clearInterval(this.latencyTimer_);
    this.latencyTimer_ = setInterval(() => this.tellLatency_(), kLatencyEveryMs);
    if (!findMediaSource(globalThis)) {
      session.fail(kUnsupported);
      const detail = { type: 'browser', detail: 'no-media-source', fatal: true, message: kUnsupported };
      this.dispatchEvent(new CustomEvent('error', { detail }));
    } else if (wasPlaying || this.hasAttribute('autoplay')) {
      session.play();
    }
    this.controls_?.update();
    this.controlsTimer_ = setTimeout(() => void this.loadControls_(), kControlsAfterMs);
  }

  async loadControls_() {
    clearTimeout(this.controlsTimer_);
    const loaded = await import('./controls.js').catch(() => null);
    if (this.controls_ || !this.session_) return;
    if (!loaded) {
      clearTimeout(this.controlsTimer_);
      this.controlsTimer_ = setTimeout(() => void this.loadControls_(), kControlsAgainMs);
      return;
    }
    this.controls_ = new loaded.Controls(this);
    this.controls_.setVisible(this.hasAttribute('controls'));
    if (this.video) this.controls_.adopt(this.video);
    this.controls_.update();
  }

  soundChanged_() {
    this.session_?.setSound(this.muted_, this.volume_);
    this.controls_?.update();
    this.dispatchEvent(new Event('volumechange'));
  }

  tellLatency_() {
    const report = this.statistics;
    if (!report || report.latencyMs === null) return;
    const { latencyMs, bufferMs } = report;
    this.dispatchEvent(new CustomEvent('latency', { detail: { latencyMs, bufferMs } }));
  }
}
