// The keys of the wall. They come before those of the players.

import { neighbour } from './layout.js';

/** @typedef {import('./wall-view.js').Wall} Wall */
/** @typedef {import('./tile.js').Tile} Tile */

/**
 * @param {KeyboardEvent} event in the capturing phase
 * @param {Wall} wall
 * @param {HTMLDialogElement} help
 */
export function handleKeys(event, wall, help) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const target = event.composedPath()[0];
  if (target instanceof HTMLSelectElement || target instanceof HTMLInputElement && event.key.startsWith('Arrow')) return;
  // A player in full screen hides the wall.
  if (wall.enlarged?.player.matches(':fullscreen')) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const done = pickKey(key, wall) || (wall.enlarged ? singleKey(event, key, wall, wall.enlarged) : wallKey(event, key, wall, help));
  if (!done) return;
  event.preventDefault();
}

/**
 * @param {string} key
 * @param {Wall} wall
 * @returns {boolean} whether the key had a meaning
 */
function pickKey(key, wall) {
  if (key === 'f' && (!wall.enlarged || wall.fullScreen)) {
    wall.toggleFullScreen();
    return true;
  }
  const tile = /^[1-9]$/.test(key) ? wall.tiles[Number(key) - 1] : undefined;
  if (tile) wall.show(tile.name);
  return tile !== undefined;
}

/**
 * Keys while one camera is enlarged.
 * @param {KeyboardEvent} event
 * @param {string} key
 * @param {Wall} wall
 * @param {Tile} tile
 */
function singleKey(event, key, wall, tile) {
  const { player } = tile;
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    wall.step(key === 'ArrowLeft' ? -1 : 1);
    return true;
  }
  if (key === 'Escape' || key === 'Backspace') {
    // The first Escape closes the player's panel.
    if (key === 'Escape' && player.shadowRoot?.querySelector('[aria-expanded="true"]')) player.handleKey(event);
    else wall.show(null);
    return true;
  }
  const target = event.composedPath()[0];
  const presses = [' ', 'Enter'].includes(key) && target instanceof HTMLElement && target.closest('a, button') !== null;
  if (!presses && !event.composedPath().includes(player)) player.handleKey(event);
  return false;
}

/**
 * Keys while all cameras are shown.
 * @param {KeyboardEvent} event
 * @param {string} key
 * @param {Wall} wall
 * @param {HTMLDialogElement} help
 */
function wallKey(event, key, wall, help) {
  if (key === '?') {
    help.showModal();
    return true;
  }
  const tile = wall.current;
  if (!tile) return false;
  const { target } = event;
  if (key.startsWith('Arrow')) {
    const from = wall.tiles.indexOf(tile);
    const to = wall.tiles[neighbour(wall.boxes, from, key)] ?? tile;
    if (event.shiftKey) wall.move(tile, to);
    // The first arrow shows where the focus is.
    wall.focus(event.shiftKey || document.activeElement !== tile.link ? tile : to);
  } else if (key === ' ' && target === tile.link) {
    wall.show(tile.name);
  } else if (key === 'm') {
    tile.player.handleKey(event);
  } else if (key === 's') {
    wall.toggleLarge(tile);
  } else {
    return false;
  }
  return true;
}
