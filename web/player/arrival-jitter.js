// Measures how unevenly fragments arrive, so that the buffer can be raised before it runs dry.
// Pure: the caller brings the clock.

const kShortMs = 1000;
const kLongMs = 10000;
const kSettleMs = 700;
const kCatchUpMs = 50;
const kOutageMs = 600;

export class ArrivalJitter {
  constructor() {
    /** @type {{atMs: number, lateMs: number}[]} */
    this.samples_ = [];
    this.ignoreUntilMs_ = -Infinity;
    this.lastLateMs_ = NaN;
    this.leastLateMs_ = Infinity;
  }

  /**
   * A response or a source began: its first fragments come in a burst and say nothing about the network.
   * @param {number} nowMs
   */
  restart(nowMs) {
    this.samples_ = [];
    this.ignoreUntilMs_ = nowMs + kSettleMs;
    this.leastLateMs_ = Infinity;
  }

  /**
   * @param {number} nowMs monotonic arrival time
   * @param {number} mediaTimeMs the fragment's decode time
   */
  arrived(nowMs, mediaTimeMs) {
    const lateMs = nowMs - mediaTimeMs;
    // An outage, or a jump of the timeline, is no jitter: begin anew.
    if (Math.abs(lateMs - this.lastLateMs_) > kOutageMs) this.restart(nowMs);
    this.lastLateMs_ = lateMs;
    if (nowMs < this.ignoreUntilMs_) {
      this.watchBurst_(nowMs, lateMs);
      return;
    }
    this.samples_.push({ atMs: nowMs, lateMs });
    while ((this.samples_[0]?.atMs ?? nowMs) < nowMs - kLongMs) this.samples_.shift();
  }

  /**
   * While fragments come ever earlier the burst is not over.
   * @param {number} nowMs
   * @param {number} lateMs
   */
  watchBurst_(nowMs, lateMs) {
    if (lateMs > this.leastLateMs_ - kCatchUpMs) return;
    this.leastLateMs_ = lateMs;
    this.ignoreUntilMs_ = nowMs + kSettleMs;
  }

  /**
   * By how much the latest arrival of the last ten seconds was later than that of the last one.
   * @param {number} nowMs
   */
  excessMs(nowMs) {
    let long = -Infinity;
    let short = -Infinity;
    for (const { atMs, lateMs } of this.samples_) {
      if (lateMs > long) long = lateMs;
      if (atMs >= nowMs - kShortMs && lateMs > short) short = lateMs;
    }
    return short === -Infinity ? 0 : Math.max(0, long - short);
  }
}
