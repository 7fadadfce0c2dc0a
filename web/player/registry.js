// The players of this page. Browsers allow six HTTP/1.1 connections per host over all tabs, so only the first few
// players use one each; the others use WebSockets, to which that limit does not apply.

const kFetchPlayers = 4;

/** @type {Set<object>} */
const players = new Set();

/**
 * @param {object} player
 */
export function enter(player) {
  players.add(player);
}

/** @param {object} player */
export function leave(player) {
  players.delete(player);
}

/**
 * @param {object} player one that has entered
 * @param {string | null} asked the transport attribute
 * @returns {{transport: 'fetch' | 'ws', mayChange: boolean}}
 */
export function transportFor(player, asked) {
  if (asked === 'ws' || asked === 'fetch') return { transport: asked, mayChange: false };
  const place = [...players].indexOf(player);
  return { transport: place >= kFetchPlayers ? 'ws' : 'fetch', mayChange: true };
}
