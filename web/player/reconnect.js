// The state of one connection to the stream: connecting, open, or waiting for the next try. Decides when to try again
// and when silence means that the connection is dead. Pure: the caller passes the time and the random numbers, calls
// tick() a few times a second and carries out the returned action.

import { rowOf } from './answers.js';

/** @typedef {'idle' | 'connecting' | 'open' | 'waiting'} Phase */
/** @typedef {'connect' | 'reopen' | 'rejoin' | null} Action */
/** @typedef {'unreachable' | 'ended' | 'silent' | 'broken' | 'asked' | import('./answers.js').Refusal} Reason */

const kSilenceMs = 3000;
const kFirstDelayMs = 250;
const kMaxDelayMs = 1000;
const kHiddenDelayMs = 5000;
const kMaxRetryAfterMs = 2000;
// After this long a connection counts as stable and the back-off starts again.
const kStableMs = 3000;
// Pauses of this thread: after the first one silence proves nothing, after the second one the machine slept.
const kSuspendedMs = 2000;
const kSleptMs = 20000;
const kGraceMs = 500;

export class Reconnect {
  /** @param {() => number} [random] in [0, 1) */
  constructor(random = Math.random) {
    this.random_ = random;
    /** @type {Phase} */
    this.phase = 'idle';
    /** @type {Reason | null} */
    this.reason = null;
    /** Consecutive failures. */
    this.failures = 0;
    /** Time of the next try, on the caller's clock. */
    this.retryAtMs = 0;
    this.visible_ = true;
    this.openedAtMs_ = 0;
    this.aliveAtMs_ = 0;
    this.tickedAtMs_ = NaN;
  }

  start() {
    this.phase = 'connecting';
  }

  stop() {
    this.phase = 'idle';
    this.reason = null;
    this.failures = 0;
    this.tickedAtMs_ = NaN;
  }

  /** @param {number} nowMs */
  opened(nowMs) {
    this.phase = 'open';
    this.openedAtMs_ = nowMs;
    this.aliveAtMs_ = nowMs;
  }

  /**
   * A fragment or a state message arrived.
   * @param {number} nowMs
   */
  alive(nowMs) {
    this.aliveAtMs_ = nowMs;
    this.reason = null;
    if (nowMs - this.openedAtMs_ > kStableMs) this.failures = 0;
  }

  /**
   * The connection, or the attempt, is over.
   * @param {number} nowMs
   * @param {Reason} reason
   * @param {number} [retryAfterMs] what the server asked for
   */
  ended(nowMs, reason, retryAfterMs = 0) {
    this.reason = reason;
    this.phase = 'waiting';
    // Random from the first try on, because many players lose the same server at the same moment.
    const ceiling = Math.min(kMaxDelayMs, kFirstDelayMs * 2 ** Math.min(this.failures, 8));
    let delay = kFirstDelayMs + this.random_() * (ceiling - kFirstDelayMs);
    if (this.failures === 0) delay = this.random_() * kFirstDelayMs;
    const { againMs, patienceMs } = rowOf(reason) ?? { againMs: 0, patienceMs: kMaxRetryAfterMs };
    delay = Math.max(delay, againMs * this.spread_(), Math.min(retryAfterMs, patienceMs));
    if (!this.visible_) delay = Math.max(delay, kHiddenDelayMs * this.spread_());
    this.failures++;
    this.retryAtMs = nowMs + delay;
  }

  /** The next try is due now. */
  hurry() {
    this.retryAtMs = 0;
  }

  /** A factor around 1, so that players which were refused together do not return together. */
  spread_() {
    return 0.8 + 0.4 * this.random_();
  }

  /**
   * @param {boolean} visible
   * @param {number} nowMs
   */
  setVisible(visible, nowMs) {
    if (visible && !this.visible_ && this.phase === 'waiting') {
      this.retryAtMs = Math.min(this.retryAtMs, nowMs + this.random_() * kFirstDelayMs);
    }
    this.visible_ = visible;
  }

  /**
   * 'connect': a try is due. 'reopen': the connection is dead, open it again where it stopped.
   * 'rejoin': the machine slept and the data on its way is old, open it again at the live edge.
   * @param {number} nowMs
   * @returns {Action}
   */
  tick(nowMs) {
    const pausedMs = Number.isNaN(this.tickedAtMs_) ? 0 : nowMs - this.tickedAtMs_;
    this.tickedAtMs_ = nowMs;
    if (this.phase === 'waiting') return nowMs >= this.retryAtMs ? 'connect' : null;
    if (this.phase !== 'open') return null;
    if (pausedMs > kSleptMs) return 'rejoin';
    if (pausedMs > kSuspendedMs) {
      this.aliveAtMs_ = Math.max(this.aliveAtMs_, nowMs - kSilenceMs + kGraceMs);
    }
    return nowMs - this.aliveAtMs_ > kSilenceMs ? 'reopen' : null;
  }
}
