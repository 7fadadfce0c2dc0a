// Collects the numbers for the statistics overlay, the beacon and the self-test. Main thread.

import { ClockWatch } from './clock-offset.js';
import { RecentSamples } from './statistics.js';

const kMinuteMs = 60000;
const kBitrateWindowMs = 3000;
const kAnchors = 8;

/**
 * @typedef {object} Report
 * @property {number | null} latencyMs from the server's reception of the frame to its showing
 * @property {number | null} latencyP50Ms over the last minute
 * @property {number | null} latencyP95Ms
 * @property {number | null} clockErrorMs largest possible error of the latency; null when unknown
 * @property {number} bufferMs
 * @property {number} floorMs target for the buffer's low-water mark
 * @property {number} rate
 * @property {number} bitrateBps
 * @property {number} droppedFrames
 * @property {number} decodedFrames
 * @property {number} stalls
 * @property {number} reconnects
 * @property {boolean} tooSlow whether the line was ever too slow for the stream
 * @property {number | null} firstFrameMs since navigation
 */

export class SessionStatistics {
  constructor() {
    this.stalls = 0;
    this.reconnects = 0;
    this.tooSlow = false;
    this.firstFrameMs = NaN;
    this.latency = new RecentSamples(kMinuteMs);
    this.buffer = new RecentSamples(kMinuteMs);
    this.bytes_ = new RecentSamples(kBitrateWindowMs);
    this.leg_ = 0;
    /** @type {number | null} */
    this.offsetMs_ = null;
    this.clockWatch_ = new ClockWatch();
    /** @type {number | null} */
    this.clockErrorMs_ = null;
    /** @type {{sink: number, unixMs: number, mediaTimeS: number}[]} */
    this.anchors_ = [];
    /** @type {number | null} */
    this.latencyMs_ = null;
    this.bufferMs_ = 0;
    this.floorMs_ = 0;
    this.rate_ = 1;
    this.dropped_ = 0;
    this.decoded_ = 0;
    /** @type {HTMLVideoElement | null} */
    this.video_ = null;
    this.videoDropped_ = 0;
    this.videoDecoded_ = 0;
  }

  /**
   * @param {number} offsetMs
   * @param {number} errorMs
   */
  setClock(offsetMs, errorMs) {
    this.offsetMs_ = offsetMs;
    this.clockWatch_ = new ClockWatch();
    this.clockErrorMs_ = errorMs;
  }

  /**
   * @param {number} sink
   * @param {number} unixMs
   * @param {number} mediaTimeS
   */
  producer(sink, unixMs, mediaTimeS) {
    this.anchors_.push({ sink, unixMs, mediaTimeS });
    if (this.anchors_.length > kAnchors) this.anchors_.shift();
  }

  /**
   * @param {number} sink
   * @param {number} mediaTimeS of the frame that is being shown
   */
  frame(sink, mediaTimeS) {
    // Not known until the server's clock was asked again.
    if (this.clockWatch_.moved) this.offsetMs_ = this.latencyMs_ = null;
    const anchors = this.anchors_.filter((a) => a.sink === sink);
    const anchor = anchors.reverse().find((a) => a.mediaTimeS <= mediaTimeS + 0.001) ??
      anchors[anchors.length - 1];
    if (!anchor || this.offsetMs_ === null) return;
    const receivedMs = anchor.unixMs + (mediaTimeS - anchor.mediaTimeS) * 1000;
    this.latencyMs_ = Date.now() + this.offsetMs_ - receivedMs;
  }

  /**
   * @param {number} leg
   * @param {number} bytes received by that leg so far
   */
  flow(leg, bytes) {
    if (leg !== this.leg_) this.bytes_.clear();
    this.leg_ = leg;
    this.bytes_.add(performance.now(), bytes);
  }

  /** @param {import('./playback.js').Playback} playback */
  sample(playback) {
    const now = performance.now();
    const { video } = playback;
    this.bufferMs_ = playback.aheadMs;
    this.floorMs_ = playback.floorMs;
    this.rate_ = video.playbackRate;
    this.buffer.add(now, this.bufferMs_);
    if (this.latencyMs_ !== null && !video.paused) this.latency.add(now, this.latencyMs_);
    this.count_(video, playback.joining);
  }

  /**
   * @param {HTMLVideoElement} video
   * @param {boolean} joining
   */
  count_(video, joining) {
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    // Another element, or another source in it, counts from zero.
    if (video !== this.video_ || totalVideoFrames < this.videoDecoded_) {
      this.video_ = video;
      this.videoDecoded_ = 0;
      this.videoDropped_ = droppedVideoFrames;
    }
    // Frames that were dropped while it joined, or where it jumped, were not meant to be seen.
    if (joining) this.videoDropped_ = droppedVideoFrames;
    this.decoded_ += totalVideoFrames - this.videoDecoded_;
    this.dropped_ += Math.max(0, droppedVideoFrames - this.videoDropped_);
    this.videoDecoded_ = totalVideoFrames;
    this.videoDropped_ = droppedVideoFrames;
  }

  /** @returns {Report} */
  get report() {
    return {
      latencyMs: this.latencyMs_, latencyP50Ms: this.latency.quantile(0.5),
      latencyP95Ms: this.latency.quantile(0.95), clockErrorMs: this.clockErrorMs_,
      bufferMs: this.bufferMs_, floorMs: this.floorMs_, rate: this.rate_,
      bitrateBps: this.bytes_.perSecond * 8, droppedFrames: this.dropped_,
      decodedFrames: this.decoded_, stalls: this.stalls, reconnects: this.reconnects, tooSlow: this.tooSlow,
      firstFrameMs: Number.isNaN(this.firstFrameMs) ? null : this.firstFrameMs,
    };
  }
}
