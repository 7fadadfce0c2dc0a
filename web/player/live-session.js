// One viewer's session with one stream: starts legs in the engine, shows their media on the stage, stops the
// download when it is not needed, and derives the player's state. Contains no controls.

import { EngineHost } from './engine-host.js';
import { Place, connections } from './registry.js';
import { SessionStatistics } from './session-statistics.js';
import { Stage } from './stage.js';
import { describe } from './states.js';

/** @typedef {import('./messages.js').EngineEvent} EngineEvent */
/** @typedef {import('./messages.js').PlayerError} PlayerError */
/** @typedef {import('./states.js').PlayerState} PlayerState */
/** @typedef {import('./stage.js').Act} Act */

/**
 * @typedef {object} SessionOptions
 * @property {string} streamUrl absolute
 * @property {string} timeUrl absolute
 * @property {boolean} mayHaveAudio whether sound is ever asked for
 * @property {number | null} floorMs
 * @property {string | null} transport the page's own choice
 * @property {boolean} inView whether the player can be seen in the page
 */

/**
 * @typedef {object} SessionEvents
 * @property {(state: PlayerState, words: string) => void} onState
 * @property {(error: PlayerError) => void} onError
 * @property {() => void} onBlocked the browser forbade sound or playing without a gesture
 * @property {(video: HTMLVideoElement) => void} onVideo
 */

/**
 * The session's knowledge of a leg.
 * @typedef {object} LegView
 * @property {number} id
 * @property {boolean} audio
 * @property {Extract<EngineEvent, {type: 'connection'}> | null} connection
 * @property {number} retryAtMs
 * @property {import('./fragments.js').SourceState} source
 * @property {number} idleMs
 * @property {boolean} tooSlow
 * @property {import('./init-segment.js').TrackInfo[]} tracks
 */

const kTickMs = 25;
const kSlowTickMs = 250;
const kRestAfterMs = 1000;
const kFatalPauseMs = 1000;
// The browser itself pauses and plays elements this long after the page was shown again.
const kSettlesMs = 500;
/** Until the server says otherwise. @type {import('./fragments.js').SourceState} */
const kRunning = { state: 'running', error: '', retryInMs: 0, pictureAgeMs: null };

export class LiveSession {
  /**
   * @param {HTMLElement} box where the picture goes
   * @param {SessionOptions} options
   * @param {SessionEvents} events
   */
  constructor(box, options, events) {
    this.options_ = options;
    this.events_ = events;
    this.statistics = new SessionStatistics();
    this.engine_ = new EngineHost((event) => this.handleEvent_(event));
    this.stage_ = new Stage(box, {
      onShown: (act) => this.shown_(act),
      onFrame: (act, mediaTimeS) => {
        if (act === this.stage_.onScreen) this.statistics.frame(act.sink, mediaTimeS);
      },
      onStall: (act) => {
        if (act === this.stage_.onScreen) this.statistics.stalls++;
      },
      onBroken: (act, message) => this.broken_(act, message),
      onRefused: (act) => this.refused_(act),
      onPaused: (act) => this.pausedOutside_(act),
      onPlayed: (act) => this.playedOutside_(act),
      onVideo: events.onVideo,
    });
    this.place_ = new Place(connections, new URL(options.streamUrl).origin, options.transport,
      (choice) => this.changeTransport_(choice));
    /** @type {LegView[]} first the leg on the screen, then the one that will replace it */
    this.legs_ = [];
    this.legCount_ = 0;
    this.muted_ = true;
    this.started_ = false;
    this.paused_ = true;
    this.resting_ = false;
    /** No connection of the browser is free for this player. */
    this.crowded_ = false;
    this.frozen_ = false;
    this.inView_ = options.inView;
    this.blocked_ = false;
    this.failure_ = '';
    /** Whether the stream has sound; null before its first init segment. @type {boolean | null} */
    this.hasSound = null;
    /** @type {PlayerState} */
    this.state = 'idle';
    this.words = '';
    this.explanation = '';
    this.brokenAtMs_ = -Infinity;
    this.slowAtMs_ = 0;
    /** Infinity while the player can be seen. */
    this.unseenAtMs_ = options.inView ? Infinity : -Infinity;
    this.shownAtMs_ = -Infinity;
    this.timer_ = setInterval(() => this.tick_(), kTickMs);
    this.listening_ = new AbortController();
    const { signal } = this.listening_;
    document.addEventListener('visibilitychange', () => this.visibilityChanged_(), { signal });
    // A page that is left may be kept, to be shown again by Back; a hidden tab may be frozen. Both need all
    // connections closed.
    addEventListener('pagehide', () => this.setFrozen_(true), { signal });
    addEventListener('pageshow', () => this.setFrozen_(false), { signal });
    document.addEventListener('freeze', () => this.setFrozen_(true), { signal });
    document.addEventListener('resume', () => this.setFrozen_(false), { signal });
    this.visibilityChanged_();
  }

  get video() {
    return this.stage_.video;
  }

  get paused() {
    return this.paused_ || this.blocked_;
  }

  /** Whether play() was asked for last, or pause(). */
  get wantsToPlay() {
    return !this.paused_;
  }

  get inWorker() {
    return this.engine_.inWorker;
  }

  get tracks() {
    return this.legs_[0]?.tracks ?? [];
  }

  get transport() {
    return this.legs_[0]?.connection?.transport ?? null;
  }

  get viewer() {
    return this.legs_[0]?.connection?.viewer ?? null;
  }

  get sourceError() {
    return this.legs_[0]?.source.error ?? '';
  }

  get pictureAgeMs() {
    return this.legs_[0]?.source.pictureAgeMs ?? null;
  }

  get playback() {
    return this.stage_.act?.playback ?? null;
  }

  /** Whether the newest leg asks for sound. The stream may have none. */
  get asksForAudio() {
    return this.legs_[this.legs_.length - 1]?.audio ?? false;
  }

  /** Plays, or plays on, at the live edge. */
  play() {
    this.started_ = true;
    this.paused_ = false;
    this.blocked_ = false;
    this.resting_ = this.mustRest_();
    if (!this.resting_) this.run_();
    this.update_();
  }

  /** Stops the download; the picture stays. */
  pause() {
    this.paused_ = true;
    this.hold_();
    this.update_();
  }

  /**
   * @param {boolean} muted
   * @param {number} volume 0 to 1
   */
  setSound(muted, volume) {
    this.muted_ = muted;
    this.stage_.setSound(muted, volume);
    if (this.runs_) this.adjustAudio_();
    this.updateResting_();
  }

  /** @param {boolean} inView whether the player can be seen in the page */
  setInView(inView) {
    this.inView_ = inView;
    this.seenChanged_();
  }

  /** Jumps to the live edge. */
  goLive() {
    if (this.runs_) this.stage_.onScreen?.playback.resume();
    else this.play();
  }

  /** @param {string} words the reason why this browser cannot play */
  fail(words) {
    this.failure_ = words;
    this.update_();
  }

  destroy() {
    this.place_.release();
    clearInterval(this.timer_);
    this.listening_.abort();
    this.engine_.destroy();
    this.stage_.destroy();
  }

  /** Whether data is to be downloaded and played. */
  get runs_() {
    return !this.paused_ && !this.resting_ && !this.blocked_ && !this.crowded_;
  }

  run_() {
    const stopped = !this.place_.claimed || this.crowded_;
    const choice = this.place_.claim();
    this.crowded_ = choice.transport === null;
    if (this.crowded_) {
      this.stopDownload_();
      return;
    }
    if (stopped) this.sendTransport_(choice);
    if (this.legs_.length === 0) {
      this.openLeg_();
    } else {
      this.stage_.onScreen?.playback.resume();
      this.stage_.next?.playback.resume();
      // Call play() within the viewer's gesture, if there is one: the browser then allows it from now on.
      this.stage_.act?.playback.play();
      for (const leg of this.legs_) this.engine_.send({ type: 'resume', leg: leg.id });
    }
    this.adjustAudio_();
  }

  hold_() {
    this.crowded_ = false;
    this.place_.release();
    this.stopDownload_();
  }

  stopDownload_() {
    this.stage_.onScreen?.playback.pause();
    this.stage_.next?.playback.pause();
    for (const leg of this.legs_) this.engine_.send({ type: 'suspend', leg: leg.id });
  }

  /**
   * Where a WebSocket does not get through, the player goes on over HTTP.
   * @param {Extract<EngineEvent, {type: 'connection'}>} event
   */
  withoutWebSocket_(event) {
    if (!this.place_.refused()) return event;
    const choice = this.place_.claim();
    // The leg may have tried the WebSocket by itself.
    if (event.transport === 'ws' && choice.transport === 'fetch') this.sendTransport_(choice);
    return { ...event, phase: /** @type {const} */ ('connecting'), reason: null };
  }

  /** @param {import('./registry.js').Choice} choice */
  sendTransport_({ transport, mayChange }) {
    if (transport === null) return;
    for (const leg of this.legs_) this.engine_.send({ type: 'transport', leg: leg.id, transport, mayChange });
  }

  /**
   * The players of the browser have agreed anew.
   * @param {import('./registry.js').Choice} choice
   */
  changeTransport_(choice) {
    if (choice.transport === null || this.crowded_) this.run_();
    else this.sendTransport_(choice);
    this.update_();
  }

  /** Opens a leg with sound when the player is not muted and the present leg has none. */
  adjustAudio_() {
    if (this.legs_.length === 0 || this.crowded_ || this.muted_ || !this.options_.mayHaveAudio) return;
    if (!this.asksForAudio) this.openLeg_();
  }

  openLeg_() {
    const id = ++this.legCount_;
    const audio = !this.muted_ && this.options_.mayHaveAudio;
    this.legs_.push({
      id, audio, connection: null, retryAtMs: 0, idleMs: 0, tooSlow: false, tracks: [],
      source: kRunning,
    });
    // Keep the shown leg and the newest one; the legs in between are superseded.
    while (this.legs_.length > 2) {
      const [superseded] = this.legs_.splice(1, 1);
      if (superseded) this.engine_.send({ type: 'stop', leg: superseded.id });
    }
    const { streamUrl, timeUrl } = this.options_;
    const { transport, mayChange } = this.place_.claim();
    this.engine_.send({ type: 'start', leg: id, streamUrl, timeUrl, audio, transport: transport ?? 'fetch', mayChange });
  }

  /** @param {EngineEvent} event */
  handleEvent_(event) {
    if (event.type === 'clock') {
      this.statistics.setClock(event.offsetMs, event.errorMs);
      return;
    }
    const leg = this.legs_.find((l) => l.id === event.leg);
    if (!leg) return;
    switch (event.type) {
      case 'media':
        this.stage_.load(event.leg, event.sink, event.source, event.managed);
        if (!this.runs_) this.stage_.find(event.sink)?.playback.pause();
        break;
      case 'tracks': {
        leg.tracks = event.tracks;
        this.hasSound = event.hasSound;
        const audio = event.tracks.some((t) => t.kind === 'audio');
        this.stage_.find(event.sink)?.playback.setFloor(audio, this.options_.floorMs);
        if (this.failure_) this.failure_ = '';
        break;
      }
      case 'connection':
        if (leg.connection?.phase === 'open' && event.phase === 'waiting') this.statistics.reconnects++;
        leg.connection = event.reason === 'upgrade' && event.phase !== 'open' ? this.withoutWebSocket_(event) : event;
        leg.retryAtMs = performance.now() + event.retryInMs;
        if (event.phase === 'open') leg.source = kRunning;
        break;
      case 'source':
        leg.source = event.source;
        break;
      case 'flow':
        leg.idleMs = event.idleMs;
        leg.tooSlow = event.tooSlow;
        if (leg === this.legs_[0]) this.statistics.flow(leg.id, event.bytes);
        this.actOf_(leg)?.playback.jittered(event.late);
        return;
      case 'producer':
        this.statistics.producer(event.sink, event.unixMs, event.mediaTimeS);
        return;
      case 'trouble':
        if (event.error.fatal) this.failure_ = event.error.message ?? event.error.detail;
        this.events_.onError(event.error);
        break;
    }
    this.update_();
  }

  /** @param {LegView} leg */
  actOf_(leg) {
    const { onScreen, next } = this.stage_;
    return onScreen?.leg === leg.id ? onScreen : next?.leg === leg.id ? next : null;
  }

  /** @param {Act} act */
  shown_(act) {
    if (Number.isNaN(this.statistics.firstFrameMs)) this.statistics.firstFrameMs = performance.now();
    for (const leg of this.legs_) {
      if (leg.id < act.leg) this.engine_.send({ type: 'stop', leg: leg.id });
    }
    this.legs_ = this.legs_.filter((leg) => leg.id >= act.leg);
    this.update_();
  }

  /**
   * @param {Act} act
   * @param {string} message
   */
  broken_(act, message) {
    this.events_.onError({ type: 'media', detail: 'playback-failed', message, fatal: false });
    // Wait between two rebuilds: a stream that cannot be decoded would otherwise be requested again and again.
    const wait = Math.max(0, this.brokenAtMs_ + kFatalPauseMs - performance.now());
    this.brokenAtMs_ = performance.now() + wait;
    setTimeout(() => this.engine_.send({ type: 'rebuild', leg: act.leg, sink: act.sink }), wait);
  }

  /** @param {Act} act */
  refused_(act) {
    if (!this.muted_) {
      // The browser forbids sound without a gesture; muted playback is nearly always allowed.
      this.events_.onBlocked();
      act.playback.play();
      return;
    }
    this.blocked_ = true;
    this.hold_();
    this.update_();
  }

  /**
   * A person paused the element with a media key or in the browser's own window, or the browser did, which plays on
   * by itself or is told to (Playback.tick()).
   * @param {Act} act
   */
  pausedOutside_(act) {
    if (this.byHand_(act)) this.pause();
  }

  /** @param {Act} act */
  playedOutside_(act) {
    if (!this.paused_ || !this.byHand_(act)) act.playback.pause();
    else this.play();
  }

  /**
   * Whether a person can have paused or played the element; else the browser did.
   * @param {Act} act
   */
  byHand_(act) {
    if (this.stage_.isOut(act.playback.video)) return true;
    if (document.visibilityState !== 'visible') return !this.muted_;
    return performance.now() - this.shownAtMs_ > kSettlesMs;
  }

  /** @param {boolean} frozen */
  setFrozen_(frozen) {
    if (!frozen) this.shownAtMs_ = performance.now();
    this.frozen_ = frozen;
    this.updateResting_();
  }

  visibilityChanged_() {
    const visible = document.visibilityState === 'visible';
    if (visible) {
      this.shownAtMs_ = performance.now();
      this.stage_.onScreen?.playback.rejoin();
    }
    this.engine_.send({ type: 'visible', visible });
    this.seenChanged_();
  }

  seenChanged_() {
    const seen = this.inView_ && document.visibilityState === 'visible';
    this.unseenAtMs_ = seen ? Infinity : Math.min(this.unseenAtMs_, performance.now());
    this.updateResting_();
  }

  /** Whether no data is to be downloaded, because the page is frozen, or the player is muted and cannot be seen. */
  mustRest_() {
    if (this.frozen_) return true;
    const video = this.stage_.video;
    if (!this.muted_ || (video && this.stage_.isOut(video))) return false;
    return performance.now() - this.unseenAtMs_ >= kRestAfterMs;
  }

  updateResting_() {
    const rest = this.mustRest_();
    if (rest === this.resting_) return;
    this.resting_ = rest;
    if (this.paused_ || this.blocked_) return;
    if (rest) this.hold_();
    else this.run_();
    this.update_();
  }

  tick_() {
    this.stage_.tick();
    const now = performance.now();
    if (now - this.slowAtMs_ < kSlowTickMs) return;
    this.slowAtMs_ = now;
    for (const act of [this.stage_.onScreen, this.stage_.next]) {
      if (!act) continue;
      const { leg, sink, playback } = act;
      this.engine_.send({ type: 'position', leg, sink, timeS: playback.video.currentTime });
    }
    const playback = this.stage_.onScreen?.playback;
    if (playback) this.statistics.sample(playback);
    this.updateResting_();
    this.update_();
  }

  update_() {
    const leg = this.legs_[0];
    const connection = leg?.connection;
    const { state, words, explanation } = describe({
      failure: this.failure_, started: this.started_, blocked: this.blocked_,
      paused: this.paused_, resting: this.resting_,
      phase: this.crowded_ ? 'waiting' : connection?.phase ?? 'connecting',
      reason: this.crowded_ ? 'crowded' : connection?.reason ?? null,
      failures: connection?.failures ?? 0, status: connection?.status ?? 0,
      retryInMs: Math.max(0, (leg?.retryAtMs ?? 0) - performance.now()),
      source: leg?.source.state ?? 'running', pictureAgeMs: this.pictureAgeMs, idleMs: leg?.idleMs ?? 0,
      shown: this.stage_.onScreen !== null,
      catchingUp: this.stage_.onScreen?.playback.catchingUp ?? false,
      tooSlow: leg?.tooSlow ?? false,
    });
    if (leg) this.statistics.tooSlow ||= leg.tooSlow;
    if (state === this.state && words === this.words && explanation === this.explanation) return;
    this.state = state;
    this.explanation = explanation;
    this.words = words;
    this.events_.onState(state, words);
  }
}
