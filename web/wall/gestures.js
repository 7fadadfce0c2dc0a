// Pointer and touch on the wall: a tile is dragged to the place of another; a swipe leads to the next camera.

const kType = 'application/x-live-tile';
const kSwipePx = 50;

/** @param {Event} event */
const tileOf = ({ target }) => (target instanceof Element ? target.closest('.tile') : null);

/**
 * @param {HTMLElement} wall
 * @param {(tile: Element, place: Element) => void} onDrop
 */
export function dragTiles(wall, onDrop) {
  /** @type {Element | null} */
  let dragged = null;
  /** @param {Element | null} target */
  const mark = (target) => {
    for (const tile of wall.children) tile.classList.toggle('target', tile === target && tile !== dragged);
  };
  wall.addEventListener('dragstart', (event) => {
    dragged = tileOf(event);
    event.dataTransfer?.setData(kType, '');
    dragged?.classList.add('dragged');
  });
  wall.addEventListener('dragover', (event) => {
    const place = tileOf(event);
    if (!dragged || !place) return;
    event.preventDefault();
    mark(place);
  });
  wall.addEventListener('drop', (event) => {
    const place = tileOf(event);
    if (!dragged || !place) return;
    event.preventDefault();
    onDrop(dragged, place);
  });
  wall.addEventListener('dragend', () => {
    dragged?.classList.remove('dragged');
    dragged = null;
    mark(null);
  });
}

/**
 * @param {HTMLElement} wall
 * @param {(step: 1 | -1) => void} onSwipe 1: to the left, as to the next page of a book
 */
export function swipe(wall, onSwipe) {
  /** @type {Touch | null} */
  let first = null;
  wall.addEventListener('touchstart', (event) => {
    // The volume is moved in the same direction.
    const slides = event.composedPath()[0] instanceof HTMLInputElement;
    first = event.touches.length === 1 && !slides ? event.touches[0] ?? null : null;
  }, { passive: true });
  wall.addEventListener('touchend', (event) => {
    const last = event.changedTouches[0];
    if (!first || !last || visualViewport && visualViewport.scale > 1.01) return;
    const x = last.clientX - first.clientX;
    const y = last.clientY - first.clientY;
    if (Math.abs(x) >= kSwipePx && Math.abs(x) > 2 * Math.abs(y)) onSwipe(x < 0 ? 1 : -1);
    first = null;
  }, { passive: true });
}
