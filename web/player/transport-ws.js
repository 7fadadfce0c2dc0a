// The stream over a WebSocket: first a text message that says hello, then whole boxes in binary
// messages. Browsers allow far more of these per host than HTTP/1.1 responses.

/** @typedef {import('./transport.js').TransportEvents} TransportEvents */

const kTryAgainLater = 1013;

/**
 * @param {string} url http or https
 * @param {TransportEvents} events
 * @returns {import('./transport.js').Transport}
 */
export function openWebSocket(url, events) {
  const socket = new WebSocket(url.replace(/^http/, 'ws'));
  socket.binaryType = 'arraybuffer';
  let over = false;
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
    const why = code === kTryAgainLater ? 'full' : opened ? 'broken' : 'unreachable';
    events.onEnd({ reason: why, retryAfterMs: 0, message: reason || `WebSocket closed (${code})` });
  };
  return {
    close() {
      over = true;
      socket.close();
    },
  };
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
    // A hello nobody can read says nothing; the boxes that follow say the rest.
  }
  return { epoch: '', viewer: null };
}
