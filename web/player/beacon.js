// Sends the server this viewer's playback statistics every ten seconds.

/**
 * @typedef {object} BeaconBody
 * @property {number} [viewer]
 * @property {{p50: number | null, p95: number | null}} latency_ms
 * @property {number} buffer_ms
 * @property {number} rate
 * @property {number} dropped
 * @property {number} decoded
 * @property {number} stalls
 * @property {number} reconnects
 * @property {string} transport
 * @property {string} state
 */

const kEveryMs = 10000;

export class Beacon {
  /**
   * @param {() => string} url
   * @param {() => BeaconBody | null} body null when there is nothing to report
   */
  constructor(url, body) {
    this.url_ = url;
    this.body_ = body;
    this.timer_ = setInterval(() => this.send_(), kEveryMs);
  }

  destroy() {
    clearInterval(this.timer_);
  }

  send_() {
    const body = this.body_();
    if (!body) return;
    const url = this.url_();
    const own = new URL(url).origin === globalThis.origin;
    fetch(url, {
      method: 'POST', body: JSON.stringify(body), keepalive: true, credentials: 'omit',
      // text/plain needs no preflight request to another origin.
      mode: own ? 'same-origin' : 'no-cors',
      headers: { 'Content-Type': own ? 'application/json' : 'text/plain' },
    }).catch(() => {
      // Not reported: when the server is gone, the stream's connection fails too.
    });
  }
}

/**
 * @param {import('./session-statistics.js').Report} report
 * @param {number | null} viewer
 * @param {string} transport
 * @param {string} state
 * @returns {BeaconBody}
 */
export function beaconBody(report, viewer, transport, state) {
  /** @param {number | null} value */
  const whole = (value) => (value === null ? null : Math.round(value));
  return {
    ...(viewer === null ? {} : { viewer }),
    latency_ms: { p50: whole(report.latencyP50Ms), p95: whole(report.latencyP95Ms) },
    buffer_ms: Math.round(report.bufferMs), rate: Math.round(report.rate * 1000) / 1000,
    dropped: report.droppedFrames, decoded: report.decodedFrames, stalls: report.stalls,
    reconnects: report.reconnects, transport, state,
  };
}
