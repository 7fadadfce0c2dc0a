// Measures how unevenly fragments arrive, so that the buffer can be raised before it runs dry.
// Pure: the caller brings the clock.

const kShortMs = 1000;
const kLongMs = 10000;
const kSettleMs = 700;
const kOutageMs = 600;

export class ArrivalJitter {
  constructor() {
    /** @type {{atMs: number, lateMs: number}[]} */
    this.samples_ = [];
    this.ignoreUntilMs_ = -Infinity;
  }

  /**
   * A response began: its first fragments come in a burst and say nothing about the network.
   * @param {number} nowMs
   */
  restart(nowMs) {
    this.samples_ = [];
    this.ignoreUntilMs_ = nowMs + kSettleMs;
  }

  /**
   * @param {number} nowMs monotonic arrival time
   * @param {number} mediaTimeMs the fragment's decode time
   */
  arrived(nowMs, mediaTimeMs) {
    if (nowMs < this.ignoreUntilMs_) return;
    const lateMs = nowMs - mediaTimeMs;
    const last = this.samples_[this.samples_.length - 1];
    // An outage, or a jump of the timeline, is no jitter: begin anew.
    if (last && Math.abs(lateMs - last.lateMs) > kOutageMs) this.restart(nowMs);
    else this.samples_.push({ atMs: nowMs, lateMs });
    while ((this.samples_[0]?.atMs ?? nowMs) < nowMs - kLongMs) this.samples_.shift();
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
