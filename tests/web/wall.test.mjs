// The places of the tiles on the wall, and the viewer's arrangement of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Arrangement } from '../../web/wall/arrangement.js';
import { arrange, neighbour } from '../../web/wall/layout.js';

const shapes = (count, ratio = 16 / 9) => Array.from({ length: count }, () => ({ ratio, large: false }));
const room = (width, height, more = {}) => ({ width, height, gap: 6, columns: 0, scrolls: true, ...more });
const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test('tiles are within the window, keep their shape, do not overlap, and use much of it', () => {
  for (const [width, height] of [[1280, 740], [1920, 1030], [2560, 1030], [768, 970], [740, 316], [1000, 1000]]) {
    for (const ratio of [16 / 9, 4 / 3, 9 / 16]) {
      for (const count of [1, 2, 3, 4, 5, 6, 7, 9, 12, 16, 25]) {
        const { boxes, height: used } = arrange(shapes(count, ratio), room(width, height));
        const where = `${count} of ${ratio.toFixed(2)} in ${width}x${height}`;
        assert.equal(boxes.length, count, where);
        if (used > height) {
          assert.ok(boxes[0].width <= 400, `${where} scrolls`);
          continue;
        }
        let area = 0;
        boxes.forEach((box, index) => {
          assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height, `${where}: ${JSON.stringify(box)}`);
          assert.ok(Math.abs(box.width / box.height - ratio) < 0.03, where);
          assert.ok(boxes.slice(index + 1).every((other) => !overlap(box, other)), where);
          area += box.width * box.height;
        });
        // The worst are few tiles in a window of quite another shape.
        assert.ok(area / width / height > (count < 4 ? 0.2 : 0.4), `${where}: ${(area / width / height).toFixed(2)}`);
      }
    }
  }
});

test('six cameras on a desktop stand in three columns, five with their last row in the middle', () => {
  assert.equal(arrange(shapes(6), room(1264, 740)).columns, 3);
  const { boxes, columns } = arrange(shapes(5), room(1264, 740));
  assert.equal(columns, 3);
  assert.ok(Math.abs(boxes[3].x - (1264 - boxes[4].x - boxes[4].width)) <= 1);
});

test('a phone has one column, each tile with the shape of its picture', () => {
  const { boxes, columns, height } = arrange([...shapes(2), { ratio: 9 / 16, large: true }], room(360, 680));
  assert.equal(columns, 1);
  assert.deepEqual(boxes.map(({ x, width }) => [x, width]), [[0, 360], [0, 360], [0, 360]]);
  assert.ok(boxes[2].height > boxes[0].height * 2 && boxes[2].height < 680);
  assert.equal(height, boxes[2].y + boxes[2].height);
});

test('a hundred cameras are never too small to see; the page scrolls', () => {
  const { boxes, height } = arrange(shapes(100), room(1264, 740));
  assert.ok(boxes.every(({ width }) => width >= 150));
  assert.ok(height > 740);
});

test('columns that are asked for: a dashboard fits the window, a viewer scrolls', () => {
  const fits = arrange(shapes(6), room(1264, 740, { columns: 2, scrolls: false }));
  assert.deepEqual([fits.columns, fits.height <= 740], [2, true]);
  const scrolls = arrange(shapes(6), room(1264, 740, { columns: 2 }));
  assert.equal(scrolls.boxes[0].width, 629);
  assert.ok(scrolls.height > 740);
});

test('a large tile takes two columns and two rows, and the others flow around it', () => {
  const { boxes } = arrange([{ ratio: 16 / 9, large: true }, ...shapes(5)], room(1264, 740));
  assert.equal(boxes[0].width, 2 * boxes[1].width + 6);
  assert.deepEqual([boxes[1].y, boxes[2].x], [boxes[0].y, boxes[1].x]);
  boxes.forEach((box, index) => assert.ok(boxes.slice(index + 1).every((other) => !overlap(box, other))));
});

test('arrows lead to the tile that lies there', () => {
  const { boxes } = arrange(shapes(5), room(1264, 740));
  assert.deepEqual(['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp'].map((key) => neighbour(boxes, 2, key)), [3, 1, 4, 2]);
  assert.equal(neighbour(boxes, 0, 'ArrowDown'), 3);
  assert.equal(neighbour(boxes, 4, 'ArrowRight'), 4);
  assert.equal(neighbour(boxes, 4, 'ArrowUp'), 1);
});

test('an order is kept for cameras that are gone, new ones come last, and broken storage does not matter', () => {
  const stored = new Map();
  globalThis.localStorage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value) };
  new Arrangement().move(['a', 'b', 'c'], 'c', 'a');
  assert.deepEqual(new Arrangement().sorted(['a', 'b', 'c', 'd']), ['c', 'a', 'b', 'd']);
  new Arrangement().move(['a', 'b'], 'b', 'a');
  assert.deepEqual(new Arrangement().sorted(['a', 'b', 'c']), ['b', 'a', 'c']);
  for (const text of ['', 'null', '3', '{"order":7,"large":[1],"columns":"x"}', '{']) {
    stored.set('live-wall', text);
    const { order, large, columns } = new Arrangement();
    assert.deepEqual([order, [...large], columns], [[], [], 0], text);
  }
  globalThis.localStorage = { getItem: () => { throw new Error('forbidden'); }, setItem: () => { throw new Error('forbidden'); } };
  const arrangement = new Arrangement();
  arrangement.move(['a', 'b'], 'b', 'a');
  assert.deepEqual(arrangement.sorted(['a', 'b']), ['b', 'a']);
});
