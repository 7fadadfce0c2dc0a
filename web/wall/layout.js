// Places tiles in a rectangle: as large as they can be without a scrollbar, or in a given number of columns. Pure; all
// lengths in CSS pixels.

/**
 * ratio: width / height of the picture; large: takes two columns and two rows.
 * @typedef {{ratio: number, large: boolean}} Shape
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 * columns: 0 for the best number of them; scrolls: whether a fixed number of columns may need more than the height.
 * @typedef {{width: number, height: number, gap: number, columns: number, scrolls: boolean}} Room
 * height: of all tiles together.
 * @typedef {{boxes: Box[], columns: number, height: number}} Layout
 * @typedef {{column: number, row: number, span: number}} Spot
 */

const kLeastWidth = 150;
// A narrower window that is higher than wide has one column.
const kPhoneWidth = 600;
// More columns are taken for this share of the area, because empty margins beside the tiles look worse than above them.
const kEnough = 0.93;

/**
 * @param {Shape[]} shapes in their order
 * @param {Room} room
 * @returns {Layout}
 */
export function arrange(shapes, room) {
  if (shapes.length === 0) return { boxes: [], columns: 1, height: 0 };
  const isPhone = room.width < kPhoneWidth && room.height > room.width;
  if (room.columns === 1 && room.scrolls || room.columns === 0 && isPhone) return stack(shapes, room);
  const ratio = commonRatio(shapes);
  if (room.columns > 0) {
    return grid(shapes, room, room.columns, ratio, !room.scrolls);
  }
  let best = grid(shapes, room, 1, ratio, true);
  const cells = shapes.reduce((sum, { large }) => sum + (large ? 4 : 1), 0);
  for (let columns = 2; columns <= cells; columns++) {
    const next = grid(shapes, room, columns, ratio, true);
    if (areaOf(next) > areaOf(best) * kEnough) best = next;
  }
  const narrowest = Math.min(...best.boxes.map(({ width }) => width));
  if (narrowest >= kLeastWidth) return best;
  const columns = Math.max(1, Math.floor((room.width + room.gap) / (kLeastWidth + room.gap)));
  return grid(shapes, room, columns, ratio, false);
}

/** @param {Layout} layout */
const areaOf = ({ boxes }) => boxes.reduce((sum, { width, height }) => sum + width * height, 0);

/**
 * The middle one, so that a single odd camera does not shape all tiles.
 * @param {Shape[]} shapes
 */
function commonRatio(shapes) {
  const ratios = shapes.map(({ ratio }) => ratio).sort((a, b) => a - b);
  return ratios[ratios.length >> 1] ?? 1;
}

/**
 * One column; each tile has the shape of its picture, but none is higher than most of the window.
 * @param {Shape[]} shapes
 * @param {Room} room
 * @returns {Layout}
 */
function stack(shapes, { width, height, gap }) {
  let y = 0;
  const boxes = shapes.map(({ ratio }) => {
    const box = { x: 0, y, width, height: Math.min(Math.round(width / ratio), Math.max(120, height * 0.85)) };
    y += box.height + gap;
    return box;
  });
  return { boxes, columns: 1, height: y - gap };
}

/**
 * @param {Shape[]} shapes
 * @param {Room} room
 * @param {number} columns
 * @param {number} ratio
 * @param {boolean} fits in the height
 * @returns {Layout}
 */
function grid(shapes, room, columns, ratio, fits) {
  const { gap } = room;
  const { spots, rows } = pack(shapes, columns);
  const byWidth = (room.width - gap * (columns - 1)) / columns;
  const byHeight = (room.height - gap * (rows - 1)) / rows * ratio;
  const width = Math.max(1, Math.floor(fits ? Math.min(byWidth, byHeight) : byWidth));
  const height = Math.max(1, Math.floor(width / ratio));
  const left = (room.width - columns * width - gap * (columns - 1)) / 2;
  const all = rows * height + gap * (rows - 1);
  const top = Math.max(0, (room.height - all) / 2);
  const last = spots.filter(({ row, span }) => row + span === rows);
  // A last row that is not full stands in the middle.
  const spare = last.some(({ span }) => span > 1) ? 0 : (columns - last.length) * (width + gap) / 2;
  const boxes = spots.map(({ column, row, span }) => ({
    x: Math.round(left + column * (width + gap) + (row === rows - 1 ? spare : 0)), y: Math.round(top + row * (height + gap)),
    width: span * width + (span - 1) * gap, height: span * height + (span - 1) * gap,
  }));
  return { boxes, columns, height: all };
}

/**
 * Each tile takes the first place that is free for it.
 * @param {Shape[]} shapes
 * @param {number} columns
 */
function pack(shapes, columns) {
  /** @type {Set<number>} */
  const taken = new Set();
  let rows = 0;
  const spots = shapes.map(({ large }) => {
    const span = large && columns > 1 ? 2 : 1;
    const cells = (/** @type {number} */ at) => (span === 1 ? [at] : [at, at + 1, at + columns, at + columns + 1]);
    let at = 0;
    while (at % columns + span > columns || cells(at).some((cell) => taken.has(cell))) at++;
    for (const cell of cells(at)) taken.add(cell);
    /** @type {Spot} */
    const spot = { column: at % columns, row: Math.floor(at / columns), span };
    rows = Math.max(rows, spot.row + span);
    return spot;
  });
  return { spots, rows };
}

/**
 * The tile that an arrow key leads to from tile `from`; itself where there is none.
 * @param {Box[]} boxes
 * @param {number} from
 * @param {string} key ArrowLeft, ArrowRight, ArrowUp or ArrowDown
 */
export function neighbour(boxes, from, key) {
  const here = boxes[from];
  if (key === 'ArrowLeft') return Math.max(0, from - 1);
  if (key === 'ArrowRight') return Math.min(boxes.length - 1, from + 1);
  if (!here) return from;
  let best = from;
  let nearest = Infinity;
  boxes.forEach((box, index) => {
    const below = box.y + box.height / 2 - here.y - here.height / 2;
    if (key === 'ArrowUp' ? box.y >= here.y || below >= 0 : box.y < here.y + here.height) return;
    const away = Math.abs(below) * 4 + Math.abs(box.x + box.width / 2 - here.x - here.width / 2);
    if (away >= nearest) return;
    nearest = away;
    best = index;
  });
  return best;
}
