// Measures how unevenly fragments arrive, so that the player can buffer more before the buffer runs dry.
// Pure: the caller passes the time.

const kShortMs = 1000;
const kOnceMs = 3000;
const kRepeatMs = 10000;
const kLongMs = 30000;
const kSlotMs = 250;
const kSettleMs = 700;
// This long after the first fragment the browser still starts parts of itself, which makes fragments late.
const kStartMs = 3000;
const kCatchUpMs = 50;
const kOutageMs = 600;

/**
 * How much later than within the last second fragments have come.
 * @typedef {object} Lateness
 * @property {number} onceMs within the last three seconds
 * @property {number} repeatedMs within the last ten seconds, and another time within the last thirty
 */

export class ArrivalJitter {
  constructor() {
    /** The largest lateness of each slot of time, oldest first. @type {{fromMs: number, toMs: number, lateMs: number}[]} */
    this.slots_ = [];
    this.ignoreUntilMs_ = -Infinity;
    this.startUntilMs_ = NaN;
    this.lastLateMs_ = NaN;
    this.leastLateMs_ = Infinity;
  }

  /**
   * A response or a source began. Its first fragments come in a burst and are not measured.
   * @param {number} nowMs
   */
  restart(nowMs) {
    this.slots_ = [];
    this.ignoreUntilMs_ = nowMs + kSettleMs;
    this.leastLateMs_ = Infinity;
  }

  /**
   * @param {number} nowMs monotonic arrival time
   * @param {number} mediaTimeMs the fragment's decode time
   */
  arrived(nowMs, mediaTimeMs) {
    const lateMs = nowMs - mediaTimeMs;
    if (Number.isNaN(this.startUntilMs_)) this.startUntilMs_ = nowMs + kStartMs;
    // An outage or a jump of the timeline is not jitter: start again.
    if (Math.abs(lateMs - this.lastLateMs_) > kOutageMs) this.restart(nowMs);
    this.lastLateMs_ = lateMs;
    if (nowMs < this.ignoreUntilMs_) this.watchBurst_(nowMs, lateMs);
    else if (nowMs >= this.startUntilMs_) this.note_(nowMs, lateMs);
  }

  /**
   * The burst lasts as long as each fragment is less late than those before it.
   * @param {number} nowMs
   * @param {number} lateMs
   */
  watchBurst_(nowMs, lateMs) {
    if (lateMs > this.leastLateMs_ - kCatchUpMs) return;
    this.leastLateMs_ = lateMs;
    this.ignoreUntilMs_ = nowMs + kSettleMs;
  }

  /**
   * @param {number} nowMs
   * @param {number} lateMs
   */
  note_(nowMs, lateMs) {
    const last = this.slots_[this.slots_.length - 1];
    if (last && nowMs - last.fromMs < kSlotMs) {
      last.toMs = nowMs;
      last.lateMs = Math.max(last.lateMs, lateMs);
    } else {
      this.slots_.push({ fromMs: nowMs, toMs: nowMs, lateMs });
    }
    while ((this.slots_[0]?.toMs ?? nowMs) < nowMs - kLongMs) this.slots_.shift();
  }

  /**
   * @param {number} nowMs
   * @returns {Lateness}
   */
  excess(nowMs) {
    const levelMs = this.largest_(nowMs - kShortMs);
    if (levelMs === -Infinity) return { onceMs: 0, repeatedMs: 0 };
    return {
      onceMs: this.largest_(nowMs - kOnceMs) - levelMs,
      repeatedMs: this.repeated_(nowMs - kRepeatMs, levelMs) - levelMs,
    };
  }

  /** @param {number} sinceMs */
  largest_(sinceMs) {
    let largestMs = -Infinity;
    for (const { toMs, lateMs } of this.slots_) {
      if (toMs >= sinceMs && lateMs > largestMs) largestMs = lateMs;
    }
    return largestMs;
  }

  /**
   * The largest lateness that was reached since then, and another time before. The two are one time unless it fell to
   * half of that in between.
   * @param {number} sinceMs
   * @param {number} levelMs the present lateness
   */
  repeated_(sinceMs, levelMs) {
    let repeatedMs = levelMs;
    this.slots_.forEach(({ toMs, lateMs }, i) => {
      if (toMs < sinceMs || lateMs <= repeatedMs) return;
      let leastMs = lateMs;
      for (const before of this.slots_.slice(0, i).reverse()) {
        const bothMs = Math.min(before.lateMs, lateMs);
        if (bothMs > repeatedMs && 2 * leastMs <= bothMs + levelMs) repeatedMs = bothMs;
        leastMs = Math.min(leastMs, before.lateMs);
      }
    });
    return repeatedMs;
  }
}
