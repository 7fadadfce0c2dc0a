// Notices a line that carries less than the stream needs. The server leaves out fragments of a viewer that falls
// behind, or a buffer on the way lets the viewer fall behind ever further. Pure: the caller passes the time.

// A step of the media time counts as left out when it is this long, and unusual for the stream ...
const kSkipMs = 500;
const kSkipSteps = 3;
// ... and that many within that time are a slow line. A single one may be an outage.
const kSkips = 2;
const kSkipWindowMs = 40000;
const kLagMs = 4000;
const kLagForMs = 3000;
const kLagWindowMs = 30000;
const kSampleMs = 1000;

export class LineWatch {
  constructor() {
    /** @type {number[]} times at which fragments were found left out */
    this.skips_ = [];
    /** @type {{atMs: number, lateMs: number}[]} one a second */
    this.samples_ = [];
    this.timeMs_ = NaN;
    this.lateMs_ = NaN;
    this.stepMs_ = NaN;
    this.laggingSinceMs_ = NaN;
  }

  /** A response begins: what came before is not compared with what follows. */
  restart() {
    this.samples_ = [];
    this.timeMs_ = NaN;
    this.laggingSinceMs_ = NaN;
  }

  /**
   * @param {number} nowMs monotonic arrival time of a fragment
   * @param {number} timeMs its media time
   */
  arrived(nowMs, timeMs) {
    const stepMs = timeMs - this.timeMs_;
    const lateMs = nowMs - timeMs;
    const unusual = stepMs > Math.max(kSkipMs, kSkipSteps * this.stepMs_);
    // A source that paused does not make the next fragment less late; fragments that were left out do.
    if (unusual && this.lateMs_ - lateMs > kSkipMs) this.skips_.push(nowMs);
    this.stepMs_ = stepMs;
    this.timeMs_ = timeMs;
    this.lateMs_ = lateMs;
    this.watchLag_(nowMs, lateMs);
  }

  /** @param {number} nowMs */
  tooSlow(nowMs) {
    this.skips_ = this.skips_.filter((atMs) => nowMs - atMs < kSkipWindowMs);
    return this.skips_.length >= kSkips || nowMs - this.laggingSinceMs_ >= kLagForMs;
  }

  /**
   * @param {number} nowMs
   * @param {number} lateMs
   */
  watchLag_(nowMs, lateMs) {
    const last = this.samples_[this.samples_.length - 1];
    if (last && nowMs - last.atMs < kSampleMs) return;
    this.samples_.push({ atMs: nowMs, lateMs });
    this.samples_ = this.samples_.filter(({ atMs }) => nowMs - atMs < kLagWindowMs);
    const least = Math.min(...this.samples_.map((sample) => sample.lateMs));
    if (lateMs - least < kLagMs) this.laggingSinceMs_ = NaN;
    else if (Number.isNaN(this.laggingSinceMs_)) this.laggingSinceMs_ = nowMs;
  }
}
