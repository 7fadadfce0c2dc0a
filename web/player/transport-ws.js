// Reads the stream over a WebSocket: first a text message with the epoch and the viewer, then whole boxes in binary
// messages. Browsers allow far more WebSockets than HTTP/1.1 connections per host.

import { causeOf, isStream, refusalOf } from './transport-fetch.js';

/** @typedef {import('./transport.js').TransportEvents} TransportEvents */
/** @typedef {import('./transport.js').StreamEnd} StreamEnd */

const kAskMs = 1000;

/**
 * @param {string} url http or https
 * @param {TransportEvents} events
 * @returns {import('./transport.js').Transport}
 */
export function openWebSocket(url, events) {
  const socket = new WebSocket(url.replace(/^http/, 'ws'));
  socket.binaryType = 'arraybuffer';
  let over = false;
  let closed = false;
  let opened = false;
  socket.onmessage = ({ data }) => {
    if (over) return;
    if (data instanceof ArrayBuffer) {
      if (!opened) hello('');
      events.onData(new Uint8Array(data));
    } else if (!opened) {
      hello(String(data));
    }
  };
  /** @param {string} text */
  const hello = (text) => {
    opened = true;
    events.onOpen(readHello(text));
  };
  socket.onclose = ({ code, reason }) => {
    if (over) return;
    over = true;
    const message = reason || `WebSocket closed (${code})`;
    if (opened) events.onEnd({ reason: 'broken', message });
    else void refusalOfUpgrade(url, message).then((end) => closed || events.onEnd(end));
  };
  return {
    close() {
      over = closed = true;
      socket.close();
    },
  };
}

/**
 * Finds out why there is no WebSocket: a browser does not tell, so the same request is sent as a plain one. When that
 * one gets the stream, only the WebSocket does not get through: a proxy that does not pass it, for example.
 * @param {string} url
 * @param {string} message used when that request gets no answer
 * @returns {Promise<StreamEnd>}
 */
async function refusalOfUpgrade(url, message) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), kAskMs);
  try {
    const response = await fetch(url, { signal: abort.signal, cache: 'no-store' });
    if (!isStream(response)) return await refusalOf(response);
    // The server may just have come back.
    return { reason: await opens(url) ? 'unreachable' : 'upgrade', message };
  } catch {
    return await causeOf(url, message);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

/**
 * @param {string} url
 * @returns {Promise<boolean>}
 */
function opens(url) {
  const socket = new WebSocket(url.replace(/^http/, 'ws'));
  return new Promise((resolve) => {
    /** @param {boolean} opened */
    const end = (opened) => {
      socket.close();
      resolve(opened);
    };
    socket.onopen = () => end(true);
    socket.onclose = () => end(false);
    setTimeout(end, kAskMs, false);
  });
}

/**
 * @param {string} text
 * @returns {import('./transport.js').StreamHead}
 */
export function readHello(text) {
  try {
    /** @type {unknown} */
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null) {
      const { epoch, viewer } = /** @type {{epoch?: unknown, viewer?: unknown}} */ (value);
      return {
        epoch: typeof epoch === 'string' ? epoch : '',
        viewer: typeof viewer === 'number' ? viewer : null,
      };
    }
  } catch {
    // Ignore a malformed first message; the boxes that follow are enough.
  }
  return { epoch: '', viewer: null };
}
