// The wall of all cameras, in Chromium. Its sources are one file, passed through, because sixteen encoders are dear.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import { open_page, start_browser } from '../lib/browser.mjs';
import { clip } from '../lib/media.mjs';
import { set_hidden } from '../lib/player.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

// Writes the file of streams: `names`, and `away`, which have no source.
async function write_streams(cwd, names, away = [], file_name = '10fps.mp4') {
  const file = await clip(file_name);
  const entry = (name, source) => `  ${name}:\n    source: ${source}\n    title: Camera ${name}\n`;
  writeFileSync(join(cwd, 'livestream.yml'),
    `defaults:\n  video_codec: copy\n  slate: false\n  source_timeout: 30\nstreams:\n${names.map((name) => entry(name, file)).join('')}${away.map((name) => entry(name, join(cwd, 'missing.mp4'))).join('')}`);
}

async function start_cameras(t, names, away, file_name) {
  const cwd = temporary_directory(t);
  await write_streams(cwd, names, away, file_name);
  const server = await start_server(t, { cwd, ready: false });
  // Programs that start all at once are slow; the browser starts after them.
  await until('the sources run', async () => (await listed(server)).filter(({ state }) => state === 'running').length === names.length, { seconds: 40, every_ms: 200 });
  return server;
}
const listed = async (server) => (await (await fetch(`${server.url}/streams.json`)).json()).streams;

// The tiles in the order in which they are seen.
const tiles = (page) => page.evaluate(() => [...document.querySelectorAll('.tile')].map((tile) => {
  const { x, y, width, height } = tile.getBoundingClientRect();
  const player = tile.querySelector('live-player');
  return {
    name: player.getAttribute('src').split('/')[0], x, y, width, height, state: player.state, muted: player.muted, controls: player.controls,
    frames: player.statistics?.decodedFrames ?? 0, transport: player.media?.transport, label: tile.querySelector('a').getAttribute('aria-label'),
    enlarged: tile.classList.contains('enlarged'), focused: document.activeElement === tile.querySelector('a'),
  };
}).sort((a, b) => a.y - b.y || a.x - b.x));
const names = async (page) => (await tiles(page)).map(({ name }) => name).join('');
const enlarged = async (page) => (await tiles(page)).find((tile) => tile.enlarged)?.name ?? null;
const plays = ({ state, frames }) => ['live', 'catching-up'].includes(state) && frames > 5;
const all_play = (page, count, seconds = 30) => until(`${count} play`, async () => (await tiles(page)).filter(plays).length === count, { seconds })
  .catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await tiles(page))}`); });
const have_controls = (page) => until('the controls', () => page.evaluate(() => [...document.querySelectorAll('live-player')].every((player) => player.controls_)));
const choose = (name) => `.tile:has(a[href="#${name}"]) a`;
// The wall asks for the list when its page is shown.
const ask = (page) => page.evaluate(() => { document.dispatchEvent(new Event('visibilitychange')); });

// Watches the picture's clock of a tile. Returns a function that ends it: {same: the elements are those of the beginning,
// played: seconds, worst: the longest time without progress in ms, without that in which the page itself stood still}.
async function watch_tile(page, name) {
  await page.evaluate((wanted) => {
    const find = () => document.querySelector(`.tile:has(a[href="#${wanted}"]) live-player`);
    const player = find();
    const { video } = player;
    const from = video.currentTime;
    let [time, still, worst, last] = [from, 0, 0, performance.now()];
    const timer = setInterval(() => {
      const now = performance.now();
      still = video.currentTime > time ? 0 : still + Math.min(now - last, 50);
      [time, last, worst] = [video.currentTime, now, Math.max(worst, still)];
    }, 20);
    window.__watch = () => {
      clearInterval(timer);
      return { same: find() === player && player.video === video, played: video.currentTime - from, worst };
    };
  }, name);
  return () => page.evaluate(() => window.__watch());
}

async function violations(page) {
  return page.evaluate(async () => {
    const { violations: found, passes } = await window.axe.run(document);
    return passes.length < 10 ? ['axe looked at nothing'] : found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat().join(' ')).join(', ')}`);
  });
}

// In a small window, because without a graphics card each picture costs by its size on the screen.
test('sixteen cameras play at once over HTTP/1.1, one is enlarged without a gap, and a hidden tab costs nothing', async (t) => {
  const server = await start_cameras(t, [...'abcdefghijklmnop']);
  const page = await open_page(await start_browser(t, { viewport: { width: 800, height: 520 } }), server.url);
  // Each goes on within the same three seconds, in which it has thirty pictures.
  await until('16 play', async () => {
    const before = await tiles(page);
    await sleep(3000);
    return (await tiles(page)).filter(({ frames }, index) => before[index] && frames >= before[index].frames + 10).length === 16;
  }, { seconds: 40 }).catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await tiles(page))}`); });
  assert.equal(await page.evaluate(() => performance.getEntriesByType('navigation')[0].nextHopProtocol), 'http/1.1');
  const all = await tiles(page);
  assert.equal(all.map(({ name }) => name).join(''), 'abcdefghijklmnop');
  assert.ok(all.filter(({ transport }) => transport === 'fetch').length <= 4);
  assert.ok(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight), 'no scrollbar');
  assert.ok(all.every(({ x, y, width, height }) => x >= 0 && y >= 0 && x + width <= 800 && y + height <= 520 && width > 185));
  const streams = () => page.asked.filter((url) => /\/stream$|\/stream\?/.test(url)).length;
  const before = streams();
  const watch = await watch_tile(page, 'f');
  await page.click(choose('f'));
  await until('it is large', async () => (await tiles(page)).some((tile) => tile.enlarged && tile.name === 'f' && tile.width === 800 && tile.controls));
  assert.equal((await tiles(page)).filter(({ controls }) => controls).length, 1);
  await sleep(1000);
  await page.goBack();
  await until('all are shown', async () => (await enlarged(page)) === null && (await tiles(page)).every(({ controls, width }) => !controls && width < 250));
  const { same, played } = await watch();
  assert.ok(same && played > 1, JSON.stringify({ same, played }));
  assert.equal(streams(), before, 'nothing is asked for again');

  const watched = async () => (await listed(server)).reduce((sum, { viewers }) => sum + viewers, 0);
  assert.equal(await watched(), 16);
  await set_hidden(page, true);
  await until('no viewers', async () => (await watched()) === 0);
  const asked = page.asked.length;
  await sleep(6000);
  assert.deepEqual(page.asked.slice(asked), []);
  await set_hidden(page, false);
  await until('all are back', async () => (await watched()) === 16);
  assert.deepEqual(page.problems, []);
});

test('keys choose, move and return; the sound is that of one camera; order and size are remembered', async (t) => {
  const server = await start_cameras(t, [...'abcdef'], [], 'copyable.mp4');
  const browser = await start_browser(t, { viewport: { width: 1280, height: 800 } });
  await browser.addInitScript(axe);
  const page = await open_page(browser, server.url);
  await all_play(page, 6);
  await have_controls(page);
  assert.deepEqual(await violations(page), []);
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  const focused = async () => (await tiles(page)).find((tile) => tile.focused)?.name ?? null;
  // Three columns, two rows.
  await press('ArrowRight');
  assert.equal(await focused(), 'a');
  await press('ArrowRight', 'ArrowDown');
  assert.equal(await focused(), 'e');
  await press('Enter');
  assert.equal(await enlarged(page), 'e');
  assert.deepEqual(await violations(page), []);
  assert.equal(await page.title(), 'Camera e – Live');
  assert.equal(await page.evaluate(() => document.getElementById('page').href), `${server.url}/e/`);
  await press('ArrowRight');
  assert.equal(await enlarged(page), 'f');
  await press('ArrowRight');
  assert.equal(await enlarged(page), 'a');
  await press('i', 'Escape');
  assert.equal(await enlarged(page), 'a', 'the first Escape closes the panel');
  await press('Escape');
  await until('all are shown', async () => (await enlarged(page)) === null);
  assert.equal(await focused(), 'a');
  await press('3');
  assert.equal(await enlarged(page), 'c');
  await press('Escape');
  await until('all are shown', async () => (await enlarged(page)) === null);
  await press('?');
  assert.deepEqual(await violations(page), []);
  await press('Escape');

  const loud = async () => (await tiles(page)).filter(({ muted }) => !muted).map(({ name }) => name).join('');
  await press('m');
  assert.equal(await loud(), 'c');
  await press('ArrowLeft', 'm');
  assert.equal(await loud(), 'b');
  await press('m');
  assert.equal(await loud(), '');

  await press('Shift+ArrowRight', 'Shift+ArrowRight', 's');
  const wide = (await tiles(page)).find(({ name }) => name === 'b');
  assert.ok((await tiles(page)).every(({ name, width }) => name === 'b' || width < wide.width / 1.9));
  await press('s');
  assert.equal(await names(page), 'acdbef');
  await page.dragAndDrop(choose('f'), choose('a'));
  assert.equal(await names(page), 'facdbe');
  await page.selectOption('#columns', '2');
  assert.equal((await tiles(page))[2].x, (await tiles(page))[0].x);
  await page.reload();
  await until('the tiles', async () => (await tiles(page)).length === 6);
  assert.equal(await names(page), 'facdbe');
  assert.equal(await page.inputValue('#columns'), '2');

  // A dashboard has its own order and columns, and no header.
  await page.goto(`${server.url}/?streams=d,b,shed&columns=2`);
  await until('two tiles', async () => (await tiles(page)).length === 2);
  assert.equal(await names(page), 'db');
  const [first, second] = await tiles(page);
  assert.ok(first.y === second.y && first.width > 630, JSON.stringify([first, second]));
  assert.equal(await page.isVisible('header'), false);
  assert.match(await page.textContent('#notice'), /no camera named “shed”/);
  assert.equal(await page.isVisible('#notice'), true);
  assert.deepEqual(page.problems, []);
});

test('a camera that is away says so; new ones come and removed ones go while the others play on', async (t) => {
  const server = await start_cameras(t, [...'ab'], ['y']);
  const page = await open_page(await start_browser(t), server.url);
  await all_play(page, 2);
  await until('it is told', async () => (await tiles(page)).some(({ name, label }) => name === 'y' && label === 'Camera y, source lost, waiting for it'), { seconds: 25 });
  await until('its words are seen', () => page.evaluate(() => document.querySelectorAll('live-player')[2].shadowRoot.querySelector('.headline').checkVisibility({ checkOpacity: true })));
  // The list of streams is asked for every five seconds.
  await until('it is counted', async () => (await page.textContent('#count')) === '3 cameras, 1 away', { seconds: 12 });
  const watch = await watch_tile(page, 'a');
  await page.click(choose('a'));
  await until('it is large', async () => (await tiles(page)).some((tile) => tile.enlarged && tile.name === 'a' && tile.width === 1000));
  await sleep(1000);
  await page.keyboard.press('Escape');
  await until('all are shown', async () => (await enlarged(page)) === null);
  const asked = () => page.asked.filter((url) => url.includes('/a/stream')).length;
  const before = asked();
  await page.click(choose('b'));
  await write_streams(server.cwd, [...'ac']);
  server.kill('SIGHUP');
  await until('the list', async () => {
    await ask(page);
    return (await tiles(page)).map(({ name }) => name).sort().join('') === 'ac';
  });
  assert.equal(await enlarged(page), null);
  await all_play(page, 2);
  const { same, played, worst } = await watch();
  assert.ok(same && played > 1.5 && worst < 300, JSON.stringify({ same, played, worst }));
  assert.equal(asked(), before);
  assert.equal(await page.textContent('#count'), '2 cameras');
  await server.stop();
  await until('both are away', async () => (await page.textContent('#count')) === '2 cameras, 2 away');
  assert.deepEqual(page.problems, []);
});

test('a phone has one column and loads what is in view; a swipe leads to the next camera', async (t) => {
  const server = await start_cameras(t, [...'abcdefgh']);
  const browser = await start_browser(t, phone);
  await browser.addInitScript(axe);
  const page = await open_page(browser, server.url);
  await until('the first play', async () => (await tiles(page)).slice(0, 3).every(plays) && (await tiles(page)).length === 8);
  const all = await tiles(page);
  assert.deepEqual(all.map(({ x, width }) => [x, width]), all.map(() => [0, 360]));
  assert.equal(all.at(-1).frames, 0, 'a tile far below does not load');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  assert.deepEqual(await violations(page), []);
  await page.evaluate(() => scrollTo(0, 300));
  await page.tap(choose('b'));
  await until('it is large', async () => (await enlarged(page)) === 'b');
  const scrolled = await page.evaluate(() => scrollY);
  assert.ok(scrolled > 100);
  const cdp = await page.context().newCDPSession(page);
  const swipe = async (from, to) => {
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: from, y: 400 }] });
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: (from + to) / 2, y: 402 }] });
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: to, y: 404 }] });
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  };
  await swipe(300, 100);
  await until('the next', async () => (await enlarged(page)) === 'c');
  await swipe(100, 300);
  await swipe(100, 300);
  await until('the first', async () => (await enlarged(page)) === 'a');
  await page.tap('#back');
  await until('all are shown', async () => (await enlarged(page)) === null);
  assert.equal(await page.evaluate(() => scrollY), scrolled);
  assert.deepEqual(page.problems, []);
});
