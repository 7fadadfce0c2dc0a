// Derives the player's state, and its words, from the situation. Pure.

import { rowOf } from './answers.js';

/**
 * @typedef {'idle' | 'connecting' | 'live' | 'catching-up' | 'slow' | 'stalled' | 'source-lost' | 'source-starting' |
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
 * @property {number} status of the HTTP answer that was not the stream; 0 when there was none
 * @property {number} failures
 * @property {number} retryInMs
 * @property {import('./fragments.js').SourceState['state']} source
 * @property {number | null} pictureAgeMs how old the source's last picture is, while that is shown
 * @property {number} idleMs since the last fragment came
 * @property {boolean} shown a picture is on the screen
 * @property {boolean} catchingUp
 * @property {boolean} tooSlow the line carries less than the stream needs
 */

/**
 * @typedef {object} Description
 * @property {PlayerState} state
 * @property {string} words
 * @property {string} explanation cause and cure, shown below the words; empty where the words are enough
 */

/** @type {Partial<Record<PlayerState, string>>} */
const kExplanations = {
  'source-lost': 'The picture comes back by itself as soon as the source does.',
  'source-starting': 'The first picture is on its way.',
  unreachable: 'The picture comes back by itself as soon as the server does.',
  stalled: 'No data is arriving from the server.',
  slow: 'The line to this device carries less than the stream needs: pictures are left out.',
};

const kIdleMs = 1000;

/**
 * @param {Situation} s
 * @returns {Description}
 */
export function describe(s) {
  const row = s.phase === 'open' ? null : rowOf(s.reason ?? '');
  const { state, words } = describeState(s);
  const explanation = row?.state === state ? row.explanation : kExplanations[state] ?? '';
  return { state, words, explanation };
}

/**
 * @param {Situation} s
 * @returns {{state: PlayerState, words: string}}
 */
function describeState(s) {
  if (s.failure) return { state: 'failed', words: s.failure };
  if (!s.started) return { state: 'idle', words: 'Ready' };
  if (s.blocked) return { state: 'blocked', words: 'Press play' };
  if (s.paused) return { state: 'paused', words: 'Paused' };
  if (s.resting) return { state: 'resting', words: 'Stopped while hidden' };
  if (s.phase !== 'open') return describeConnection(s);
  // Independent of incoming data: while the source is away the server may send a slate.
  const old = s.pictureAgeMs === null ? '' : `Picture from ${ageInWords(s.pictureAgeMs)}, source `;
  if (s.source === 'waiting' || s.source === 'stopped') {
    return { state: 'source-lost', words: old ? `${old}lost` : 'Source lost, waiting for it' };
  }
  if (s.source === 'starting') return { state: 'source-starting', words: old ? `${old}starting` : 'Source is starting' };
  if (s.tooSlow) return { state: 'slow', words: 'Connection too slow' };
  if (!s.shown) return { state: 'connecting', words: 'Connecting' };
  if (s.idleMs > kIdleMs) return { state: 'stalled', words: 'Connection stalled' };
  if (s.catchingUp) return { state: 'catching-up', words: 'Catching up' };
  return { state: 'live', words: 'Live' };
}

/** In the largest unit that is reached. @param {number} ms */
function ageInWords(ms) {
  const seconds = Math.max(1, Math.floor(ms / 1000));
  /** @type {[number, string][]} */
  const units = [[86400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']];
  const [length, unit] = units.find(([s]) => seconds >= s) ?? [1, 'second'];
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

/**
 * @param {Situation} s
 * @returns {{state: PlayerState, words: string}}
 */
function describeConnection(s) {
  const row = rowOf(s.reason ?? '');
  if (row) return { state: row.state, words: row.words.replace('({status})', s.status ? `(${s.status})` : '').trim() };
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
