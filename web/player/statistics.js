// Statistics over the recent past. Pure: the caller passes the time.

/** Samples of one quantity that are not older than a given age. */
export class RecentSamples {
  /** @param {number} maxAgeMs */
  constructor(maxAgeMs) {
    this.maxAgeMs_ = maxAgeMs;
    /** @type {{atMs: number, value: number}[]} */
    this.samples_ = [];
  }

  /**
   * @param {number} atMs
   * @param {number} value
   */
  add(atMs, value) {
    this.samples_.push({ atMs, value });
    while ((this.samples_[0]?.atMs ?? atMs) < atMs - this.maxAgeMs_) this.samples_.shift();
  }

  clear() {
    this.samples_ = [];
  }

  get all() {
    return this.samples_;
  }

  /**
   * The smallest value that the given share of the samples does not exceed.
   * @param {number} share 0 to 1
   * @returns {number | null}
   */
  quantile(share) {
    if (this.samples_.length === 0) return null;
    const sorted = this.samples_.map((s) => s.value).sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  }

  /** Growth per second from the first sample to the last; for counters. */
  get perSecond() {
    const first = this.samples_[0];
    const last = this.samples_[this.samples_.length - 1];
    if (!first || !last || last.atMs <= first.atMs) return 0;
    return ((last.value - first.value) * 1000) / (last.atMs - first.atMs);
  }
}
