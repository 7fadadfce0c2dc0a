// Keeps the play head a small, safe distance behind the newest frame by changing the playback rate.
// Pure: the caller passes the time. The rules and their numbers were measured in Chromium; see
// docs/player.md, "Staying live".

/**
 * @typedef {object} Correction
 * @property {number} rate playback rate to set
 * @property {number} seekByMs jump forward by this much; 0 for none
 */

const kWindowMs = 1000;
const kSeekAboveMs = 700;
const kFasterAboveMs = 15;
const kSlowerBelowMs = -10;
const kGainMs = 500;
const kMinRate = 0.95;
const kStallStepMs = 20;
const kMaxRaiseMs = 400;
// How fast a raised floor sinks again, in ms per second. Slowly, because a raised floor costs little and a stall much.
const kStallSinkPerS = 0.5;
const kJitterSinkPerS = 10;
// Lateness that came once need not come again: as fast as playing faster can follow.
const kOnceSinkPerS = 100;

/**
 * @typedef {object} Levels
 * @property {number} floorMs target for the buffer's low-water mark on a steady network
 * @property {number} bendMs below this the rate stays 1
 * @property {number} slackMs lateness that the floor has room for already
 * @property {number} startAboveMs distance above the floor at which playing begins, because starting takes time
 * @property {number} maxRate fastest rate for catching up
 */

/** @type {Levels} */
export const kVideoLevels = { floorMs: 30, bendMs: 0, slackMs: 0, startAboveMs: 70, maxRate: 1.1 };
// Chromium stretches sound at any rate but 1, and then runs dry for 0.75 s even with 150 ms of buffer; at rate 1
// it needs 100 ms.
/** @type {Levels} */
export const kSoundLevels = { floorMs: 180, bendMs: 160, slackMs: 60, startAboveMs: -30, maxRate: 1.1 };
// Sound through an AudioContext (sound-route.js). Up to rate 1.05 Chromium resamples it, which needs no extra
// buffer; only the start needs the usual 100 ms.
/** @type {Levels} */
export const kRoutedSoundLevels = { floorMs: 50, bendMs: 0, slackMs: 0, startAboveMs: 100, maxRate: 1.05 };

export class LatencyControl {
  /** @param {Levels} levels */
  constructor(levels) {
    this.levels_ = levels;
    this.stallRaiseMs_ = 0;
    this.jitterRaiseMs_ = 0;
    this.onceRaiseMs_ = 0;
    this.sunkAtMs_ = NaN;
    /** @type {{atMs: number, aheadMs: number}[]} */
    this.window_ = [];
    this.windowFromMs_ = NaN;
  }

  /** @param {Levels} levels */
  setLevels(levels) {
    this.levels_ = levels;
  }

  /** The present target for the low-water mark. */
  get floorMs() {
    const jitterMs = Math.max(this.jitterRaiseMs_, this.onceRaiseMs_);
    return this.levels_.floorMs + Math.min(kMaxRaiseMs, this.stallRaiseMs_ + jitterMs);
  }

  /** The distance behind the live edge at which playing should begin. */
  get startMs() {
    return Math.max(0, this.floorMs + this.levels_.startAboveMs);
  }

  /** The low-water mark minus the floor; 0 before the first sample. */
  get excessMs() {
    return this.window_.length === 0 ? 0 : this.lowWater_() - this.floorMs;
  }

  /** The play head was moved: forget the old levels. */
  reset() {
    this.window_ = [];
    this.windowFromMs_ = NaN;
  }

  /** Playback stood still although the stream flowed. */
  stalled() {
    this.stallRaiseMs_ = Math.min(kMaxRaiseMs, this.stallRaiseMs_ + kStallStepMs);
    this.reset();
  }

  /**
   * Fragments recently came this much later than within the last second. The low-water mark of one second does not
   * show that, so the floor is raised before it happens again.
   * @param {import('./arrival-jitter.js').Lateness} late
   */
  jittered({ onceMs, repeatedMs }) {
    const { slackMs } = this.levels_;
    this.jitterRaiseMs_ = Math.max(this.jitterRaiseMs_, Math.min(kMaxRaiseMs, repeatedMs - slackMs));
    this.onceRaiseMs_ = Math.max(this.onceRaiseMs_, Math.min(kMaxRaiseMs, onceMs - slackMs));
  }

  /**
   * @param {number} nowMs monotonic
   * @param {number} aheadMs how much is buffered in front of the play head
   * @returns {Correction}
   */
  sample(nowMs, aheadMs) {
    this.sink_(nowMs);
    if (Number.isNaN(this.windowFromMs_)) this.windowFromMs_ = nowMs;
    this.window_.push({ atMs: nowMs, aheadMs });
    while (this.window_.length > 1 && nowMs - (this.window_[0]?.atMs ?? nowMs) > kWindowMs) {
      this.window_.shift();
    }
    // A low-water mark over less than a second is uncertain: act on it only when it is far too low.
    const low = this.lowWater_();
    const e = low - this.floorMs;
    if (low < this.levels_.bendMs) return { rate: 1, seekByMs: 0 };
    if (nowMs - this.windowFromMs_ < kWindowMs && e > kSlowerBelowMs) return { rate: 1, seekByMs: 0 };
    if (e > kSeekAboveMs) {
      this.reset();
      return { rate: 1, seekByMs: e };
    }
    if (e > kFasterAboveMs) {
      return { rate: Math.min(this.levels_.maxRate, 1 + e / kGainMs), seekByMs: 0 };
    }
    if (e < kSlowerBelowMs) return { rate: Math.max(kMinRate, 1 + e / kGainMs), seekByMs: 0 };
    return { rate: 1, seekByMs: 0 };
  }

  lowWater_() {
    let low = Infinity;
    for (const { aheadMs } of this.window_) if (aheadMs < low) low = aheadMs;
    return low;
  }

  /** @param {number} nowMs */
  sink_(nowMs) {
    const seconds = Number.isNaN(this.sunkAtMs_) ? 0 : Math.max(0, nowMs - this.sunkAtMs_) / 1000;
    this.sunkAtMs_ = nowMs;
    this.stallRaiseMs_ = Math.max(0, this.stallRaiseMs_ - seconds * kStallSinkPerS);
    this.jitterRaiseMs_ = Math.max(0, this.jitterRaiseMs_ - seconds * kJitterSinkPerS);
    this.onceRaiseMs_ = Math.max(0, this.onceRaiseMs_ - seconds * kOnceSinkPerS);
  }
}
