// Opens the stream over one of the transports, with the same events for both.

import { openFetch } from './transport-fetch.js';
import { openWebSocket } from './transport-ws.js';

/** @typedef {'fetch' | 'ws'} TransportName */

/**
 * @typedef {object} StreamHead
 * @property {string} epoch empty when the server did not send it
 * @property {number | null} viewer the server's number of this viewer; null when not sent
 */

/**
 * @typedef {object} StreamEnd
 * @property {import('./reconnect.js').Reason} reason
 * @property {string} message for people
 * @property {number} [retryAfterMs] absent or 0 when the server did not send it
 * @property {number} [status] of an HTTP answer that is not the stream
 */

/**
 * onEnd is called at most once; no event follows it, or follows close().
 * @typedef {object} TransportEvents
 * @property {(head: StreamHead) => void} onOpen
 * @property {(bytes: Uint8Array) => void} onData
 * @property {(end: StreamEnd) => void} onEnd
 */

/** @typedef {{close: () => void}} Transport */

/**
 * @param {TransportName} name
 * @param {string} url absolute, with its query
 * @param {TransportEvents} events
 * @returns {Transport}
 */
export function openTransport(name, url, events) {
  return name === 'ws' ? openWebSocket(url, events) : openFetch(url, events);
}
