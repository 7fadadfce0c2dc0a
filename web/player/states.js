// Derives the player's state, and its words, from the situation. Pure.

/**
 * @typedef {'idle' | 'connecting' | 'live' | 'catching-up' | 'stalled' | 'source-lost' | 'source-starting' |
 *   'unreachable' | 'full' | 'refused' | 'paused' | 'resting' | 'blocked' | 'failed'} PlayerState
 */

/**
 * @typedef {object} Situation
 * @property {string} failure in words; empty when there is none
 * @property {boolean} started
 * @property {boolean} blocked the browser wants a gesture first
 * @property {boolean} paused by a person
 * @property {boolean} resting hidden and muted: nothing is downloaded
 * @property {import('./reconnect.js').Phase} phase
 * @property {import('./reconnect.js').Reason | null} reason
 * @property {number} failures
 * @property {number} retryInMs
 * @property {import('./fragments.js').SourceState['state']} source
 * @property {number} idleMs since the last fragment came
 * @property {boolean} shown a picture is on the screen
 * @property {boolean} catchingUp
 */

const kIdleMs = 1000;

/**
 * @param {Situation} s
 * @returns {{state: PlayerState, words: string}}
 */
export function describe(s) {
  if (s.failure) return { state: 'failed', words: s.failure };
  if (!s.started) return { state: 'idle', words: 'Ready' };
  if (s.blocked) return { state: 'blocked', words: 'Press play' };
  if (s.paused) return { state: 'paused', words: 'Paused' };
  if (s.resting) return { state: 'resting', words: 'Stopped while hidden' };
  if (s.phase !== 'open') return describeConnection(s);
  // Independent of incoming data: while the source is away the server may send a slate.
  if (s.source === 'waiting' || s.source === 'stopped') {
    return { state: 'source-lost', words: 'Source lost, waiting for it' };
  }
  if (s.source === 'starting') return { state: 'source-starting', words: 'Source is starting' };
  if (!s.shown) return { state: 'connecting', words: 'Connecting' };
  if (s.idleMs > kIdleMs) return { state: 'stalled', words: 'Connection stalled' };
  if (s.catchingUp) return { state: 'catching-up', words: 'Catching up' };
  return { state: 'live', words: 'Live' };
}

/**
 * @param {Situation} s
 * @returns {{state: PlayerState, words: string}}
 */
function describeConnection(s) {
  if (s.reason === 'full') return { state: 'full', words: 'Server full' };
  if (s.reason === 'notready') return { state: 'source-lost', words: 'Source lost, waiting for it' };
  if (s.reason === 'refused') return { state: 'refused', words: 'Server refused the stream' };
  // A response that ended is opened again at once; report only a second failure.
  if (s.failures === 0 || (s.failures === 1 && s.reason !== 'unreachable')) {
    return { state: 'connecting', words: 'Connecting' };
  }
  if (s.phase === 'connecting') {
    return { state: 'unreachable', words: 'Server unreachable, retrying' };
  }
  const seconds = Math.max(1, Math.ceil(s.retryInMs / 1000));
  return { state: 'unreachable', words: `Server unreachable, retrying in ${seconds} s` };
}
