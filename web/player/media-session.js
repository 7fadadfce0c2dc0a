// The page's media session: the title on the lock screen and beside the browser's media keys, and their buttons. A
// page has one; the player that plays sound holds it, because browsers show a session only for sound.

/** @typedef {import('./element.js').LivePlayer} LivePlayer */

/** @type {LivePlayer | null} */
let holder = null;

/**
 * Takes the session or gives it up, as the player's present state wants it.
 * @param {LivePlayer} player
 * @param {boolean} wanted
 */
export function holdMediaSession(player, wanted) {
  if (!('mediaSession' in navigator)) return;
  const { mediaSession } = navigator;
  if (!wanted) {
    if (holder !== player) return;
    holder = null;
    mediaSession.metadata = null;
    for (const action of /** @type {const} */ (['play', 'pause', 'stop'])) mediaSession.setActionHandler(action, null);
    return;
  }
  const title = player.label || document.title;
  if (holder !== player) {
    holder = player;
    mediaSession.setActionHandler('play', () => void player.play());
    mediaSession.setActionHandler('pause', () => player.pause());
    mediaSession.setActionHandler('stop', () => player.pause());
  }
  if (mediaSession.metadata?.title !== title) mediaSession.metadata = new MediaMetadata({ title, artist: 'Live' });
  mediaSession.playbackState = player.paused ? 'paused' : 'playing';
}
