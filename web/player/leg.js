// One connection to the stream and the MediaSource that it feeds. Reads boxes, follows changes of the tracks,
// reconnects, and resumes where the connection broke. Runs in the worker or on the main thread.

import { ArrivalJitter } from './arrival-jitter.js';
import { BoxError, BoxSplitter, fourCc } from './boxes.js';
import { parseFragment, parseProducerTime, parseSourceState } from './fragments.js';
import { mimeTypeOf, parseInitSegment, streamHasSound, trackSetKey } from './init-segment.js';
import { LineWatch } from './line-watch.js';
import { MediaBuffer, joined } from './media-buffer.js';
import { Reconnect } from './reconnect.js';

/** @typedef {import('./messages.js').LegOptions} LegOptions */
/** @typedef {import('./messages.js').EngineEvent} EngineEvent */
/** @typedef {import('./messages.js').TrackInfo} TrackInfo */
/** @typedef {import('./transport.js').TransportName} TransportName */
/** @typedef {import('./transport.js').TransportEvents} TransportEvents */
/** @typedef {import('./transport.js').Transport} Transport */

/**
 * The functions that a leg calls; tests pass their own.
 * @typedef {object} LegWorld
 * @property {(event: EngineEvent) => void} emit
 * @property {() => number} now monotonic, ms
 * @property {() => number} random
 * @property {(name: TransportName, url: string, events: TransportEvents) => Transport} open
 * @property {(url: string, timeoutMs: number) => Promise<unknown>} ask resolves to null when the
 *   server did not answer
 * @property {import('./media-source.js').MediaSupport} media
 * @property {() => number} nextSink
 */

const kFlowEveryMs = 200;
const kProbeAfterMs = 700;
const kProbeTimeoutMs = 700;
const kHangMs = 2500;
const kOpenTimeoutMs = 13000;
const kBackwardsS = 1;

export class Leg {
  /**
   * @param {LegOptions} options
   * @param {LegWorld} world
   */
  constructor(options, world) {
    this.options_ = options;
    this.world_ = world;
    this.reconnect_ = new Reconnect(world.random);
    this.jitter_ = new ArrivalJitter();
    this.line_ = new LineWatch();
    this.transportName_ = options.transport;
    this.mayChange_ = options.mayChange;
    /** @type {Transport | null} */
    this.transport_ = null;
    this.splitter_ = new BoxSplitter();
    /** @type {Uint8Array | null} */
    this.ftyp_ = null;
    /** @type {Uint8Array | null} */
    this.moof_ = null;
    /** @type {Uint8Array | null} */
    this.init_ = null;
    /** @type {TrackInfo[]} */
    this.tracks_ = [];
    this.hasSound_ = false;
    this.initIsInSink_ = false;
    /** @type {MediaBuffer | null} */
    this.buffer_ = null;
    this.sink_ = 0;
    this.epoch_ = '';
    this.sequence_ = -1;
    this.resumable_ = false;
    this.lastTimeS_ = NaN;
    /** @type {number | null} */
    this.viewer_ = null;
    /** HTTP status of the last answer that was not the stream; 0 when there was none. */
    this.status_ = 0;
    this.bytes_ = 0;
    this.fragments_ = 0;
    this.flowAtMs_ = 0;
    this.arrivedAtMs_ = world.now();
    this.connectAtMs_ = 0;
    this.probing_ = false;
    this.probesFailed_ = 0;
    this.suspended_ = false;
    this.destroyed_ = false;
    this.renewSink_();
    this.connect_();
  }

  get sink() {
    return this.sink_;
  }

  /** To be called a few times a second. */
  tick() {
    if (this.destroyed_) return;
    const now = this.world_.now();
    const action = this.reconnect_.tick(now);
    if (action === 'connect') this.connect_();
    else if (action === 'reopen') this.lost_({ reason: 'silent', message: 'nothing came for 3 s' });
    else if (action === 'rejoin') {
      this.resumable_ = false;
      this.lost_({ reason: 'asked', message: 'this machine slept' });
    }
    if (this.reconnect_.phase === 'connecting') this.watchAttempt_(now);
    if (now - this.flowAtMs_ >= kFlowEveryMs) this.reportFlow_(now);
  }

  /** @param {boolean} visible */
  setVisible(visible) {
    this.reconnect_.setVisible(visible, this.world_.now());
  }

  /** @param {number} timeS */
  setPosition(timeS) {
    this.buffer_?.setPosition(timeS);
  }

  /**
   * @param {TransportName} transport
   * @param {boolean} mayChange
   */
  setTransport(transport, mayChange) {
    this.mayChange_ = mayChange;
    if (transport === this.transportName_) return;
    this.transportName_ = transport;
    if (!this.suspended_ && !this.destroyed_) this.connect_();
  }

  /** Stops the download; the picture stays. */
  suspend() {
    if (this.suspended_) return;
    this.suspended_ = true;
    this.hangUp_();
    this.reconnect_.stop();
    this.reportConnection_();
  }

  /** Goes on at the live edge; while it waits for its next try, tries now. */
  resume() {
    if (this.destroyed_) return;
    if (!this.suspended_) {
      this.reconnect_.hurry();
      return;
    }
    this.suspended_ = false;
    this.resumable_ = false;
    this.connect_();
  }

  /** Replaces the MediaSource, because the present one is broken. */
  rebuild() {
    if (this.destroyed_) return;
    this.renewSink_();
    this.resumable_ = false;
    if (!this.suspended_) this.lost_({ reason: 'broken', message: 'the media was rebuilt' });
  }

  destroy() {
    this.destroyed_ = true;
    this.hangUp_();
    this.buffer_?.destroy();
  }

  renewSink_() {
    const { media, emit, nextSink } = this.world_;
    this.buffer_?.destroy();
    const source = new media.make();
    const sink = nextSink();
    this.sink_ = sink;
    this.initIsInSink_ = false;
    this.lastTimeS_ = NaN;
    this.buffer_ = new MediaBuffer(source, media.supports, {
      onFatal: (detail, message) => this.mediaFailed_(detail, message),
      onQuota: () => this.trouble_('media', 'quota-exceeded', 'the browser asked for room'),
      onStreaming: (streaming) => (streaming ? this.resumeWhereItStopped_() : this.suspend()),
    });
    emit({ type: 'media', leg: this.options_.leg, sink, source, managed: media.managed });
  }

  resumeWhereItStopped_() {
    if (!this.suspended_ || this.destroyed_) return;
    this.suspended_ = false;
    this.connect_();
  }

  url_() {
    const url = new URL(this.options_.streamUrl);
    if (!this.options_.audio) url.searchParams.set('audio', '0');
    if (this.resumable_) url.searchParams.set('after', `${this.epoch_}.${this.sequence_}`);
    return url.href;
  }

  connect_() {
    this.hangUp_();
    this.splitter_ = new BoxSplitter();
    this.ftyp_ = null;
    this.moof_ = null;
    this.connectAtMs_ = this.world_.now();
    this.probesFailed_ = 0;
    this.reconnect_.start();
    this.reportConnection_();
    this.transport_ = this.world_.open(this.transportName_, this.url_(), {
      onOpen: (head) => this.opened_(head),
      onData: (bytes) => this.received_(bytes),
      onEnd: (end) => this.lost_(end),
    });
  }

  hangUp_() {
    this.transport_?.close();
    this.transport_ = null;
  }

  /** @param {import('./transport.js').StreamEnd} end */
  lost_({ reason, message, retryAfterMs = 0, status = 0 }) {
    this.hangUp_();
    this.status_ = status;
    this.reconnect_.ended(this.world_.now(), reason, retryAfterMs);
    if (reason !== 'asked') this.trouble_('network', reason, message);
    this.reportConnection_();
  }

  /**
   * A connection attempt can hang because the server waits for its source, the network is dead, or the browser has
   * no free connection. A small request to /time beside it tells these apart.
   * @param {number} now
   */
  watchAttempt_(now) {
    const hangsForMs = now - this.connectAtMs_;
    if (hangsForMs > kOpenTimeoutMs) {
      // The server answers a WebSocket within that time, too.
      const closed = this.transportName_ === 'ws' && this.probesFailed_ === 0;
      this.lost_({ reason: closed ? 'upgrade' : 'unreachable', message: 'no answer' });
    }
    else if (hangsForMs > kProbeAfterMs && !this.probing_) void this.probe_(this.connectAtMs_);
  }

  /** @param {number} attempt */
  async probe_(attempt) {
    this.probing_ = true;
    const answer = await this.world_.ask(this.options_.timeUrl, kProbeTimeoutMs);
    this.probing_ = false;
    if (this.destroyed_ || this.connectAtMs_ !== attempt) return;
    if (this.reconnect_.phase !== 'connecting') return;
    if (answer === null) {
      this.probesFailed_++;
      this.reconnect_.reason = 'unreachable';
      this.reconnect_.failures = Math.max(1, this.reconnect_.failures);
      this.reportConnection_();
      // All connections of the browser may be taken, which do not count for WebSockets.
      if (this.mayChange_ && this.transportName_ === 'fetch' && this.world_.now() - attempt > kHangMs) {
        this.transportName_ = 'ws';
        this.connect_();
      }
    } else if (this.probesFailed_ > 0) {
      // The network is back. Connect again, because TCP may wait for seconds before it repeats the old packets.
      this.connect_();
    }
  }

  /** @param {import('./transport.js').StreamHead} head */
  opened_(head) {
    const now = this.world_.now();
    this.viewer_ = head.viewer;
    if (this.epoch_ && head.epoch && head.epoch !== this.epoch_) this.renewSink_();
    if (head.epoch) this.epoch_ = head.epoch;
    this.reconnect_.opened(now);
    this.jitter_.restart(now);
    this.line_.restart();
    this.reportConnection_();
  }

  /** @param {Uint8Array} bytes */
  received_(bytes) {
    this.bytes_ += bytes.length;
    try {
      for (const box of this.splitter_.push(bytes)) this.box_(box);
    } catch (e) {
      // A RangeError means that a box ends in the middle of its fields.
      if (!(e instanceof BoxError) && !(e instanceof RangeError)) throw e;
      this.trouble_('stream', 'malformed', e.message);
      this.lost_({ reason: 'broken', message: e.message });
    }
  }

  /** @param {Uint8Array} box */
  box_(box) {
    switch (fourCc(box, 4)) {
      case 'ftyp':
        this.ftyp_ = box;
        break;
      case 'moov':
        this.initSegment_(box);
        break;
      case 'prft': {
        const time = parseProducerTime(box, this.tracks_);
        if (time) {
          this.world_.emit({ type: 'producer', leg: this.options_.leg, sink: this.sink_, ...time });
        }
        break;
      }
      case 'emsg':
        this.message_(box);
        break;
      case 'moof':
        this.moof_ = box;
        break;
      case 'mdat':
        if (this.moof_) this.fragment_(this.moof_, box);
        this.moof_ = null;
        break;
      default:
        break;
    }
  }

  /** @param {Uint8Array} moov */
  initSegment_(moov) {
    const tracks = parseInitSegment(moov);
    const init = joined(this.ftyp_ ? [this.ftyp_, moov] : [moov]);
    this.ftyp_ = null;
    // Skip an equal one: after an init segment the browser would wait for the next independent frame.
    if (this.initIsInSink_ && this.init_ && sameBytes(init, this.init_)) return;
    if (this.initIsInSink_ && trackSetKey(tracks) !== trackSetKey(this.tracks_)) this.renewSink_();
    this.init_ = init;
    this.tracks_ = tracks;
    this.hasSound_ = streamHasSound(moov, tracks);
    this.feedInit_();
  }

  feedInit_() {
    if (!this.init_) return;
    const { leg } = this.options_;
    const { tracks_: tracks, hasSound_: hasSound } = this;
    this.world_.emit({ type: 'tracks', leg, sink: this.sink_, tracks, hasSound });
    this.initIsInSink_ = true;
    this.buffer_?.setType(mimeTypeOf(this.tracks_));
    this.buffer_?.append(this.init_);
  }

  /**
   * @param {Uint8Array} moof
   * @param {Uint8Array} mdat
   */
  fragment_(moof, mdat) {
    const now = this.world_.now();
    const info = parseFragment(moof, this.tracks_);
    const paces = this.tracks_[0]?.id === info.trackId;
    if (paces) {
      // The timeline never goes back within an epoch, so this is a new epoch whose header a page of another origin
      // cannot read.
      if (info.timeS < this.lastTimeS_ - kBackwardsS) this.renewSink_();
      this.lastTimeS_ = info.timeS;
      this.jitter_.arrived(now, info.timeS * 1000);
      this.line_.arrived(now, info.timeS * 1000);
    }
    if (!this.initIsInSink_) this.feedInit_();
    this.buffer_?.append(joined([moof, mdat]));
    this.fragments_ += info.samples;
    this.arrivedAtMs_ = now;
    this.reconnect_.alive(now);
    this.sequence_ = info.sequence;
    this.resumable_ = this.epoch_ !== '';
  }

  /** @param {Uint8Array} emsg */
  message_(emsg) {
    const source = parseSourceState(emsg);
    if (!source) return;
    this.reconnect_.alive(this.world_.now());
    this.world_.emit({ type: 'source', leg: this.options_.leg, source });
  }

  /**
   * @param {string} detail
   * @param {string} message
   */
  mediaFailed_(detail, message) {
    const unsupported = detail === 'codec-unsupported';
    this.trouble_('media', detail, message, unsupported);
    this.renewSink_();
    this.resumable_ = false;
    // An unsupported codec stays unsupported until the source changes: try again slowly.
    this.lost_({ reason: unsupported ? 'refused' : 'broken', message });
  }

  /**
   * @param {import('./messages.js').PlayerError['type']} type
   * @param {string} detail
   * @param {string} message
   * @param {boolean} [fatal]
   */
  trouble_(type, detail, message, fatal = false) {
    const { leg } = this.options_;
    this.world_.emit({ type: 'trouble', leg, error: { type, detail, message, fatal } });
  }

  reportConnection_() {
    const { phase, reason, failures, retryAtMs } = this.reconnect_;
    this.world_.emit({
      type: 'connection', leg: this.options_.leg, phase, reason, failures,
      retryInMs: phase === 'waiting' ? Math.max(0, retryAtMs - this.world_.now()) : 0,
      transport: this.transportName_, viewer: this.viewer_, status: this.status_,
    });
  }

  /** @param {number} now */
  reportFlow_(now) {
    this.flowAtMs_ = now;
    this.world_.emit({
      type: 'flow', leg: this.options_.leg, bytes: this.bytes_, fragments: this.fragments_,
      late: this.jitter_.excess(now), idleMs: now - this.arrivedAtMs_,
      tooSlow: this.line_.tooSlow(now),
    });
  }
}

/**
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
function sameBytes(a, b) {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
