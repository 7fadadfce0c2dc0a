// Reads the stream as the body of one HTTP response.

/** @typedef {import('./transport.js').TransportEvents} TransportEvents */
/** @typedef {import('./transport.js').StreamEnd} StreamEnd */

/**
 * @param {string} url
 * @param {TransportEvents} events
 * @returns {import('./transport.js').Transport}
 */
export function openFetch(url, events) {
  const abort = new AbortController();
  let over = false;
  /** @param {StreamEnd} end */
  const finish = (end) => {
    if (over) return;
    over = true;
    abort.abort();
    events.onEnd(end);
  };
  const run = async () => {
    let opened = false;
    try {
      const response = await fetch(url, { signal: abort.signal, cache: 'no-store' });
      if (over) return;
      if (!response.ok || !response.body) {
        finish(await refusalOf(response));
        return;
      }
      opened = true;
      const viewer = Number(response.headers.get('Stream-Viewer') ?? NaN);
      events.onOpen({
        epoch: response.headers.get('Stream-Epoch') ?? '',
        viewer: Number.isFinite(viewer) ? viewer : null,
      });
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (over) return;
        if (done) break;
        events.onData(value);
      }
      finish({ reason: 'ended', retryAfterMs: 0, message: 'the server ended the response' });
    } catch (e) {
      const message = e instanceof Error ? e.message : String(e);
      finish({ reason: opened ? 'broken' : 'unreachable', retryAfterMs: 0, message });
    }
  };
  void run();
  return {
    close() {
      over = true;
      abort.abort();
    },
  };
}

/**
 * The first line of an error's body, which describes the error.
 * @param {Response} response
 */
async function firstLineOf(response) {
  try {
    return ((await response.text()).split('\n')[0] ?? '').slice(0, 200);
  } catch {
    return '';
  }
}

/**
 * Turns a response that is not a stream into the end of the connection.
 * @param {Response} response
 * @returns {Promise<StreamEnd>}
 */
export async function refusalOf(response) {
  const text = await firstLineOf(response);
  const seconds = Number(response.headers.get('Retry-After') ?? 0);
  const retryAfterMs = Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : 0;
  const message = text || `HTTP ${response.status}`;
  if (response.status === 503) {
    // A stream that has not begun has the same status; only the text differs.
    const reason = /^server full/i.test(text) ? 'full' : 'notready';
    return { reason, retryAfterMs, message };
  }
  const reason = response.status >= 500 ? 'unreachable' : 'refused';
  return { reason, retryAfterMs, message };
}
