// Reads the stream as the body of one HTTP response.

import { isText, refusalFor, retryAfterMs } from './answers.js';

/** @typedef {import('./transport.js').TransportEvents} TransportEvents */
/** @typedef {import('./transport.js').StreamEnd} StreamEnd */

const kProbeMs = 1000;

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
      if (!isStream(response) || !response.body) {
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
      finish({ reason: 'ended', message: 'the server ended the response' });
    } catch (e) {
      const message = e instanceof Error ? e.message : String(e);
      finish(opened || over ? { reason: 'broken', message } : await causeOf(url, message));
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
 * A proxy's login page answers 200 as well.
 * @param {Response} response
 */
export function isStream(response) {
  return response.ok && !isText(response.headers.get('Content-Type') ?? '');
}

/**
 * Turns a response that is not the stream into the end of the connection.
 * @param {Response} response
 * @returns {Promise<StreamEnd>}
 */
export async function refusalOf(response) {
  const { status, redirected, headers } = response;
  const contentType = headers.get('Content-Type') ?? '';
  const line = await firstLineOf(response);
  return {
    reason: refusalFor({ status, ours: headers.has('Answered-By'), line, contentType, redirected }),
    retryAfterMs: retryAfterMs(headers.get('Retry-After'), Date.now()),
    // The body of an error is one line that describes it; a web page is not.
    message: /html/i.test(contentType) || line === '' ? `HTTP ${status}` : line,
    status,
  };
}

/**
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
 * Why a request got no answer that a script may see. Browsers do not tell a script whether the network failed or the
 * answer is withheld from this page, so requests are sent whose answers show it.
 * @param {string} url
 * @param {string} message of the failed request
 * @returns {Promise<StreamEnd>}
 */
export async function causeOf(url, message) {
  const { origin, protocol } = new URL(url);
  const { origin: own = '', isSecureContext = false } =
    /** @type {{origin?: string, isSecureContext?: boolean}} */ (globalThis);
  /** @param {RequestInit} options */
  const ask = (options) => fetch(url,
    { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(kProbeMs), ...options }).catch(() => null);
  const isOwn = origin === own;
  const { answer, forbidden } = await watchPolicy(() => ask(isOwn ? { redirect: 'manual' } : { mode: 'no-cors' }));
  if (forbidden) return { reason: 'policy', message: 'the Content-Security-Policy of the page forbids it' };
  if (answer?.type === 'opaqueredirect') return { reason: 'login', message: 'redirected to another site' };
  if (!answer && protocol === 'http:' && own.startsWith('https:') && isSecureContext) {
    return { reason: 'insecure', message: 'a page over HTTPS may not read over HTTP' };
  }
  if (answer && !isOwn && !(await ask({}))) {
    return { reason: 'origin', message: 'the server does not allow pages of this origin' };
  }
  return { reason: 'unreachable', message };
}

/**
 * The answer to a request, and whether the page's Content-Security-Policy forbade it.
 * @param {() => Promise<Response | null>} ask
 */
async function watchPolicy(ask) {
  const scope = /** @type {Partial<EventTarget>} */ (globalThis);
  let forbidden = false;
  /** @param {Event} event */
  const note = (event) => {
    forbidden ||= 'effectiveDirective' in event && event.effectiveDirective === 'connect-src';
  };
  scope.addEventListener?.('securitypolicyviolation', note);
  const answer = await ask();
  // The event may follow the failure.
  await new Promise((resolve) => setTimeout(resolve));
  scope.removeEventListener?.('securitypolicyviolation', note);
  return { answer, forbidden };
}
