// The table of all answers that are not the stream: how each is recognised, its words, and when it is tried again.
// Pure. docs/player.md has the table for users.

/** @typedef {import('./states.js').PlayerState} PlayerState */

/**
 * The parts of an HTTP answer that tell its cause.
 * @typedef {object} Answer
 * @property {number} status
 * @property {boolean} ours sent by the server itself, not by a proxy in front of it
 * @property {string} line first line of the body
 * @property {string} contentType
 * @property {boolean} redirected from another address
 */

/**
 * @typedef {'full' | 'notready' | 'stopping' | 'busy' | 'limited' | 'login' | 'webpage' | 'forbidden' | 'origin' |
 *   'insecure' | 'policy' | 'missing' | 'unrouted' | 'soundonly' | 'gateway' | 'fault' | 'upgrade' | 'crowded' |
 *   'refused'} Refusal
 */

/**
 * @typedef {object} Row
 * @property {PlayerState} state
 * @property {string} words `{status}` is replaced
 * @property {string} explanation cause and cure, shown below the words
 * @property {number} againMs shortest wait before the next try; 0 leaves it to the back-off
 * @property {number} patienceMs longest Retry-After that is kept
 */

const kPatienceMs = 2000;
const kLimitPatienceMs = 60000;
const kSlowMs = 5000;
// An answer that changes only when a person does something. A page that is shown again tries at once.
const kPersonMs = 15000;

/**
 * @param {PlayerState} state
 * @param {string} words
 * @param {string} explanation
 * @param {number} [againMs]
 * @param {number} [patienceMs]
 * @returns {Row}
 */
const row = (state, words, explanation, againMs = 0, patienceMs = kPatienceMs) =>
  ({ state, words, explanation, againMs, patienceMs });

/** @type {Record<Refusal, Row>} */
export const kRefusals = {
  full: row('full', 'Server full',
    'All places are taken. The picture starts by itself as soon as one is free.'),
  notready: row('source-lost', 'Source lost, waiting for it',
    'The picture comes back by itself as soon as the source does.'),
  stopping: row('unreachable', 'Server is stopping',
    'The picture comes back by itself as soon as the server does.'),
  busy: row('full', 'Too many requests from this network',
    'Others share this address. The picture starts by itself in a moment.', 1000, kLimitPatienceMs),
  limited: row('full', 'Too many requests',
    'The proxy in front of the server limits them. The picture starts by itself in a moment.', kSlowMs, kLimitPatienceMs),
  login: row('refused', 'Sign in to watch',
    'Reload this page to sign in. The picture starts by itself afterwards.', kPersonMs),
  webpage: row('refused', 'A web page came instead of the stream',
    'A sign-in may have ended: reload this page. Else the address of the stream is wrong.', kPersonMs),
  forbidden: row('refused', 'Not allowed to watch',
    'The proxy in front of the server refuses this viewer (403).', kPersonMs),
  origin: row('refused', 'This page is not allowed to show the stream',
    'Its address has to be added to CORS_ORIGIN on the server.', kPersonMs),
  insecure: row('refused', 'This page is secure, the stream is not',
    'A page over HTTPS can only show a stream over HTTPS.', kPersonMs),
  policy: row('refused', 'The policy of this page forbids the stream',
    'Its Content-Security-Policy has to list the server under connect-src.', kPersonMs),
  missing: row('refused', 'No stream at this address',
    'The server answers, but the address of the stream is wrong.', kSlowMs),
  unrouted: row('refused', 'No stream at this address ({status})',
    'The proxy in front of the server does not pass this address on.', kSlowMs),
  soundonly: row('refused', 'Sound without a picture', 'Turn the sound on to listen.', kSlowMs),
  gateway: row('unreachable', 'Server unreachable ({status})',
    'The proxy in front answers, the server behind it does not. The picture comes back by itself.'),
  fault: row('unreachable', 'Server error ({status})', 'The picture comes back by itself as soon as the error is gone.'),
  upgrade: row('refused', 'WebSockets do not get through',
    'Set the proxy in front to pass them on, or leave out transport="ws".', kSlowMs),
  crowded: row('full', 'Too many players in this browser',
    'Close others; or let the proxy in front pass WebSockets, or speak HTTP/2.', kSlowMs),
  refused: row('refused', 'Server refused the stream ({status})',
    'The address of the stream may be wrong.', kSlowMs),
};

/** @typedef {(answer: Answer) => boolean} Test */
/** @type {[(status: number) => boolean, Test, Refusal][]} the first row that fits counts */
const kTable = [
  [(s) => s === 503, (a) => a.ours && /^server full/.test(a.line), 'full'],
  [(s) => s === 503, (a) => a.ours && /^the server is stopping/.test(a.line), 'stopping'],
  [(s) => s === 503, (a) => a.ours, 'notready'],
  [(s) => s === 429, (a) => a.ours, 'busy'],
  [(s) => s === 403, (a) => a.ours, 'origin'],
  [(s) => s === 404, (a) => a.ours && /^this stream has sound/.test(a.line), 'soundonly'],
  [(s) => s === 404, (a) => a.ours, 'missing'],
  [(s) => s === 429, () => true, 'limited'],
  [(s) => s === 401 || s === 407 || s === 511, () => true, 'login'],
  [(s) => s === 403 || s === 451, () => true, 'forbidden'],
  [(s) => s === 404 || s === 410 || s === 421, () => true, 'unrouted'],
  // 520 to 530: Cloudflare's numbers for a server that does not answer it.
  [(s) => (s >= 502 && s <= 504) || (s >= 520 && s <= 530), (a) => !a.ours, 'gateway'],
  [(s) => s === 408 || s === 425 || s >= 500, () => true, 'fault'],
  [(s) => s >= 200 && s < 300, (a) => a.redirected && isText(a.contentType), 'login'],
  [(s) => s >= 200 && s < 300, (a) => isText(a.contentType), 'webpage'],
];

/**
 * @param {Answer} answer that is not the stream
 * @returns {Refusal}
 */
export function refusalFor(answer) {
  const found = kTable.find(([of, test]) => of(answer.status) && test(answer));
  return found ? found[2] : 'refused';
}

/**
 * Whether a body of this type cannot be the stream. Media types that proxies make up for it, or none, are accepted.
 * @param {string} contentType
 */
export function isText(contentType) {
  return /^\s*(text\/|application\/(json|xml|xhtml\+xml|problem\+json)\b)/i.test(contentType);
}

/**
 * @param {string} reason
 * @returns {Row | null} null when the connection ended for another reason than an answer
 */
export function rowOf(reason) {
  return Object.hasOwn(kRefusals, reason) ? kRefusals[/** @type {Refusal} */ (reason)] : null;
}

/**
 * Milliseconds of a Retry-After header, which is a number of seconds or a date (RFC 9110 §10.2.3).
 * @param {string | null} header
 * @param {number} nowMs since 1970
 */
export function retryAfterMs(header, nowMs) {
  if (header === null || header.trim() === '') return 0;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - nowMs : seconds * 1000;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
