// Estimates how far the server's clock is ahead of this one. The sample with the shortest round trip is the best
// one, because the error is at most half of the round trip. ClockOffset is pure; askTime() sends the request.

const kKeptSamples = 16;
const kMaxAgeMs = 300000;
const kClockStepMs = 50;

/** Notices that the clock of this machine was set, or that the machine slept. An offset from before is then void. */
export class ClockWatch {
  constructor() {
    this.skewMs_ = Date.now() - performance.now();
  }

  get moved() {
    return Math.abs(Date.now() - performance.now() - this.skewMs_) > kClockStepMs;
  }
}

export class ClockOffset {
  constructor() {
    /** @type {{atMs: number, offsetMs: number, tripMs: number}[]} */
    this.samples_ = [];
  }

  /**
   * @param {number} sentMs
   * @param {number} receivedMs
   * @param {number} serverMs what the server's clock showed in between
   */
  add(sentMs, receivedMs, serverMs) {
    const tripMs = receivedMs - sentMs;
    if (!(tripMs >= 0) || !Number.isFinite(serverMs)) return;
    const offsetMs = serverMs - (sentMs + receivedMs) / 2;
    // A jump this large means that a clock was set: drop the old samples.
    const best = this.best_();
    if (best && Math.abs(offsetMs - best.offsetMs) > 500 + tripMs + best.tripMs) this.samples_ = [];
    this.samples_.push({ atMs: receivedMs, offsetMs, tripMs });
    this.samples_ = this.samples_.filter((s) => receivedMs - s.atMs < kMaxAgeMs).slice(-kKeptSamples);
  }

  /** @returns {{offsetMs: number, errorMs: number} | null} null before the first answer */
  get estimate() {
    const best = this.best_();
    return best && { offsetMs: best.offsetMs, errorMs: best.tripMs / 2 };
  }

  best_() {
    return this.samples_.reduce(
      (/** @type {{offsetMs: number, tripMs: number} | null} */ best, s) =>
        (!best || s.tripMs < best.tripMs ? s : best), null);
  }
}

/**
 * Asks the server once.
 * @param {string} url
 * @param {number} timeoutMs
 * @returns {Promise<{sentMs: number, receivedMs: number, serverMs: number} | null>}
 */
export async function askTime(url, timeoutMs) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const sentMs = Date.now();
    const response = await fetch(url, { signal: abort.signal, cache: 'no-store' });
    const receivedMs = Date.now();
    if (!response.ok) return { sentMs, receivedMs, serverMs: NaN };
    /** @type {unknown} */
    const body = await response.json();
    const { time_ms: serverMs } = /** @type {{time_ms?: unknown}} */ (body ?? {});
    return { sentMs, receivedMs, serverMs: typeof serverMs === 'number' ? serverMs : NaN };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
