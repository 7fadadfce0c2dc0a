// Measures how unevenly fragments arrive, so that the player can buffer more before the buffer runs dry.
// Pure: the caller passes the time.

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
   * A response or a source began. Its first fragments come in a burst and are not measured.
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
    // An outage or a jump of the timeline is not jitter: start again.
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
   * The largest lateness within the last ten seconds minus the largest within the last second, in ms.
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
