// The page with all streams of a server. URL parameters: streams=a,b (these, in this order, without the header) and
// columns=N; #NAME enlarges one.

import { handleKeys } from './wall/keys.js';
import { StreamList } from './wall/stream-list.js';
import { Wall } from './wall/wall-view.js';
import { dragTiles, swipe } from './wall/gestures.js';

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
function part(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no #${id}`);
  return element;
}

function begin() {
  const query = new URLSearchParams(location.search);
  const chosen = query.get('streams')?.split(',').map((name) => name.trim()).filter((name) => name !== '') ?? null;
  const columns = Math.max(0, Math.min(20, Math.floor(Number(query.get('columns') ?? 0)) || 0));
  const parts = {
    list: part('wall', HTMLUListElement), notice: part('notice', HTMLElement), count: part('count', HTMLElement),
    name: part('name', HTMLElement), page: part('page', HTMLAnchorElement),
  };
  const wall = new Wall(parts, { chosen, columns });
  const keys = part('keys', HTMLDialogElement);
  const { classList } = document.documentElement;
  classList.toggle('dashboard', chosen !== null);
  classList.toggle('fills', document.fullscreenEnabled);
  part('back', HTMLButtonElement).addEventListener('click', () => wall.show(null));
  part('before', HTMLButtonElement).addEventListener('click', () => wall.step(-1));
  part('next', HTMLButtonElement).addEventListener('click', () => wall.step(1));
  part('help', HTMLButtonElement).addEventListener('click', () => keys.showModal());
  part('full', HTMLButtonElement).addEventListener('click', () => wall.toggleFullScreen());
  const choice = part('columns', HTMLSelectElement);
  choice.value = String(wall.arrangement.columns);
  choice.addEventListener('change', () => wall.setColumns(Number(choice.value)));
  document.addEventListener('keydown', (event) => handleKeys(event, wall, keys), { capture: true });
  swipe(parts.list, (step) => wall.step(step));
  if (!chosen) dragTiles(parts.list, (tile, place) => wall.moveElement(tile, place));
  new StreamList((entries) => wall.take(entries));
}

begin();
