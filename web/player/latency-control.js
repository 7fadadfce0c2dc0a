// Keeps the play head a small, safe distance behind the newest frame by bending the playback rate.
// Pure: the caller brings the clock. The law and its numbers were measured in Chromium; see
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
// How fast a raised floor sinks again, in ms per second: a raise is nearly for free, a stall is not.
const kStallSinkPerS = 0.5;
const kJitterSinkPerS = 10;

/**
 * @typedef {object} Levels
 * @property {number} floorMs where the buffer's low-water mark is held when the network is quiet
 * @property {number} bendMs below this the rate stays 1
 * @property {number} slackMs lateness that the floor has room for already
 * @property {number} startAboveMs where playing begins, above the floor; starting takes time, too
 * @property {number} maxRate how fast it may catch up
 */

/** @type {Levels} */
export const kVideoLevels = { floorMs: 30, bendMs: 0, slackMs: 0, startAboveMs: 70, maxRate: 1.1 };
// At any rate but 1 Chromium stretches sound, and runs dry with up to 150 ms in front of it, for three
// quarters of a second; at 1 it needs 100.
/** @type {Levels} */
export const kSoundLevels = { floorMs: 180, bendMs: 160, slackMs: 60, startAboveMs: -30, maxRate: 1.1 };
// Sound that goes through an AudioContext (sound-route.js). Up to a twentieth faster Chromium resamples
// it, which takes nothing in advance; only the start still wants what sound always wants.
/** @type {Levels} */
export const kRoutedSoundLevels = { floorMs: 50, bendMs: 0, slackMs: 0, startAboveMs: 100, maxRate: 1.05 };

export class LatencyControl {
  /** @param {Levels} levels */
  constructor(levels) {
    this.levels_ = levels;
    this.stallRaiseMs_ = 0;
    this.jitterRaiseMs_ = 0;
    this.sunkAtMs_ = NaN;
    /** @type {{atMs: number, aheadMs: number}[]} */
    this.window_ = [];
    this.windowFromMs_ = NaN;
  }

  /** @param {Levels} levels */
  setLevels(levels) {
    this.levels_ = levels;
  }

  /** What the low-water mark is held at now. */
  get floorMs() {
    return this.levels_.floorMs + Math.min(kMaxRaiseMs, this.stallRaiseMs_ + this.jitterRaiseMs_);
  }

  /** How far behind the live edge to begin now. */
  get startMs() {
    return Math.max(0, this.floorMs + this.levels_.startAboveMs);
  }

  /** How far the low-water mark is above the floor; 0 until a window has been seen. */
  get excessMs() {
    return this.window_.length === 0 ? 0 : this.lowWater_() - this.floorMs;
  }

  /** The play head was moved: old levels say nothing any more. */
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
   * Fragments have lately come this much later than within the last second: the low-water mark
   * cannot know, so the floor makes room for it before it happens again.
   * @param {number} lateMs
   */
  jittered(lateMs) {
    const raise = lateMs - this.levels_.slackMs;
    this.jitterRaiseMs_ = Math.min(kMaxRaiseMs, Math.max(this.jitterRaiseMs_, raise));
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
    // A low-water mark over less than a second is a guess; only an alarming one is acted upon.
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
  }
}
