// The player's features in Chromium: sound, pause, keys, snapshots, embedding, many players on a page.
import assert from 'node:assert/strict';
import test from 'node:test';
import { open_page, start_browser } from '../lib/browser.mjs';
import { goes_live, has_controls, in_player, player_state } from '../lib/player.mjs';
import { start_http } from '../lib/sources.mjs';
import { start_server } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };

// `script` runs in the page before all other scripts.
async function playing(t, path = '/', { script } = {}) {
  const server = await start_server(t, { env });
  const browser = await start_browser(t);
  if (script) await browser.addInitScript(script);
  const page = await open_page(browser, server.url + path);
  await goes_live(page, { seconds: 20 });
  await has_controls(page);
  return { server, page };
}

test('muted it asks for no sound; with sound the picture never goes away', async (t) => {
  const { page } = await playing(t, '/?muted=1');
  assert.ok(page.asked.some((url) => /\/stream\?audio=0/.test(url)), page.asked.join('\n'));
  assert.doesNotMatch((await player_state(page)).codecs, /mp4a/);
  await page.evaluate(() => {
    window.__black = 0;
    const player = document.querySelector('live-player');
    let missing = 0;
    const look = () => {
      const { video } = player;
      // A seek lowers readyState for a moment, though the picture stays: only a lasting low value is an error.
      missing = video && video.videoWidth > 0 && video.readyState >= 2 ? 0 : missing + 1;
      if (missing > 3) window.__black++;
      requestAnimationFrame(look);
    };
    look();
  });
  await page.keyboard.press('m');
  await until('it has sound', async () => /mp4a/.test((await player_state(page)).codecs) && !(await player_state(page)).muted);
  await until('one picture is left', () => in_player(page, '(player) => player.shadowRoot.querySelectorAll("video").length === 1'));
  await goes_live(page);
  assert.equal(await page.evaluate(() => window.__black), 0);
  assert.equal(await in_player(page, '(player) => player.video.muted'), false);
});

test('sound needs no more than a short buffer, and hardly ever stands still', async (t) => {
  const { page } = await playing(t, '/?muted=0');
  await until('it has sound', async () => /mp4a/.test((await player_state(page)).codecs));
  await until('the floor of sound on the short way', async () => (await player_state(page)).floorMs < 150);
  await until('the buffer has come down', async () => (await player_state(page)).behind < 0.2, { seconds: 20 });
  const { stalls, time } = await player_state(page);
  await sleep(5000);
  const later = await player_state(page);
  assert.ok(later.time - time > 4, `${later.time - time}`);
  assert.ok(later.stalls - stalls <= 1, `${later.stalls - stalls}`);
});

test('an AudioContext that ends does not stop the playback', async (t) => {
  const { page } = await playing(t, '/?muted=0', {
    script: () => {
      const Native = window.AudioContext;
      window.AudioContext = class extends Native { constructor(options) { super(options); window.__context = this; } };
    },
  });
  await until('sound goes through it', async () => (await player_state(page)).floorMs < 150);
  await page.evaluate(() => window.__context.close());
  const { time } = await player_state(page);
  await until('it plays on in another element', async () => {
    const now = await player_state(page);
    return now.time > time + 3 && now.floorMs >= 180 && /mp4a/.test(now.codecs);
  }, { seconds: 30 });
  await goes_live(page);
});

test('pause stops the download and keeps the picture; play is live at once', async (t) => {
  const { server, page } = await playing(t);
  await page.keyboard.press(' ');
  await until('no client downloads', async () => (await server.stats()).connections.clients === 0);
  const paused = await player_state(page);
  assert.deepEqual([paused.state, paused.words, paused.width], ['paused', 'Paused', 320]);
  await sleep(3000);
  await page.keyboard.press(' ');
  assert.ok(await goes_live(page) < 2000);
  assert.ok((await player_state(page)).time > paused.time + 2, 'not where it was paused');
});

test('keys: volume, statistics and help; volume and muting are remembered', async (t) => {
  const { page } = await playing(t);
  await page.keyboard.press('i');
  assert.equal(await in_player(page, '(_, part) => part("statistics").hidden'), false);
  await until('the latency is measured', () => in_player(page, '(_, part) => /Latency\\d+ ms ± \\d+ ms/.test(part("statistics").textContent)'));
  await page.keyboard.press('?');
  assert.equal(await in_player(page, '(_, part) => part("help").hidden'), false);
  await page.keyboard.press('Escape');
  assert.equal(await in_player(page, '(_, part) => part("help").hidden'), true);
  await page.keyboard.press('m');
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown');
  const volume = await in_player(page, '(player) => player.volume');
  assert.ok(Math.abs(volume - 0.8) < 0.01, `${volume}`);
  await page.reload();
  await goes_live(page);
  assert.deepEqual(await in_player(page, '(player) => [player.muted, Math.round(player.volume * 100)]'), [false, 80]);
});

test('each key of the list is one of the player, in small letters and capitals', async (t) => {
  const { page } = await playing(t);
  const { keys, unused } = await in_player(page, `(player) => {
    const named = { Space: ' ', '↑': 'ArrowUp', '↓': 'ArrowDown', '→': 'ArrowRight' };
    const keys = [...player.shadowRoot.querySelectorAll('kbd')].map(({ textContent }) => named[textContent] ?? textContent);
    // true: the event is left to others.
    const press = (key) => player.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }));
    return { keys, unused: keys.filter((key) => press(key) || press(key.length === 1 ? key.toLowerCase() : key)) };
  }`);
  assert.ok(keys.length >= 10, keys.join());
  assert.deepEqual(unused, []);
});

test('keys of other players: k pauses, End is live again, p takes the picture out and in', async (t) => {
  const { page } = await playing(t);
  await page.keyboard.press('k');
  await until('paused', async () => (await player_state(page)).state === 'paused');
  await page.keyboard.press('End');
  await goes_live(page);
  const is_out = () => in_player(page, '(player) => player.shadowRoot.pictureInPictureElement !== null');
  await page.keyboard.press('p');
  await until('picture in picture', is_out);
  await page.keyboard.press('p');
  await until('back in the page', async () => !(await is_out()));
});

test('without a worker it plays on the main thread', async (t) => {
  const server = await start_server(t, { env });
  const browser = await start_browser(t);
  await browser.route('**/player/worker.js', (route) => route.abort());
  const page = await open_page(browser, server.url);
  await goes_live(page, { seconds: 20 });
  assert.equal((await player_state(page)).inWorker, false);
  assert.deepEqual(page.problems, []);
});

test('a snapshot is a PNG of the picture', async (t) => {
  const { page } = await playing(t);
  const { type, size, width } = await page.evaluate(async () => {
    const blob = await document.querySelector('live-player').snapshot();
    const { width: across } = await createImageBitmap(blob);
    return { type: blob.type, size: blob.size, width: across };
  });
  assert.deepEqual([type, width], ['image/png', 320]);
  assert.ok(size > 500);
});

test('the WebSocket transport plays, and says so to the server', async (t) => {
  const { page } = await playing(t, '/?transport=ws');
  assert.equal((await player_state(page)).transport, 'ws');
  assert.ok(!page.asked.some((url) => /^http.*\/stream(\?|$)/.test(url)));
});

test('eight players on a page all play, and small requests still get through', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t), `${server.url}/?muted=1`);
  await goes_live(page, { seconds: 20 });
  await page.evaluate(() => {
    for (let i = 0; i < 7; i++) {
      const player = document.createElement('live-player');
      // All in view, because a player out of view rests.
      Object.assign(player.style, { position: 'fixed', top: '0', left: '0', width: '160px' });
      player.toggleAttribute('muted', true);
      player.toggleAttribute('autoplay', true);
      player.setAttribute('src', 'stream');
      document.body.append(player);
    }
  });
  await until('all eight are live', () => page.evaluate(() => {
    const players = [...document.querySelectorAll('live-player')];
    return players.length === 8 && players.every((player) => ['live', 'catching-up'].includes(player.state));
  }), { seconds: 30 });
  const stats = await page.evaluate(async () => {
    const from = performance.now();
    const response = await fetch('stats');
    return { clients: (await response.json()).connections.clients, ms: performance.now() - from };
  });
  assert.equal(stats.clients, 8);
  assert.ok(stats.ms < 2000, `${stats.ms}`);
  // A removed player closes its connection and its worker.
  await page.evaluate(() => document.querySelectorAll('live-player').forEach((player) => player.remove()));
  await until('no client downloads', async () => (await server.stats()).connections.clients === 0);
});

test('it plays embedded in a page of another origin', async (t) => {
  const server = await start_server(t, { env });
  const host = await start_http(t, (_request, response) => response.setHeader('content-type', 'text/html').end(
    `<!doctype html><script type="module" src="${server.url}/live-player.js"></script><live-player src="${server.url}/stream" muted autoplay controls></live-player>`));
  const page = await open_page(await start_browser(t), host.url.replace('127.0.0.1', 'localhost'));
  await goes_live(page, { seconds: 20 });
  assert.equal((await player_state(page)).inWorker, false);
  assert.deepEqual(page.problems, []);
});

test('the events of the element tell state, latency and errors', async (t) => {
  const { server, page } = await playing(t);
  await page.evaluate(() => {
    window.__events = [];
    for (const name of ['statechange', 'latency', 'error']) {
      document.querySelector('live-player').addEventListener(name, (event) => window.__events.push([name, event.detail]));
    }
  });
  await until('latency is told', () => page.evaluate(() => window.__events.some(([name, { latencyMs }]) => name === 'latency' && latencyMs > 0 && latencyMs < 2000)));
  await server.stop();
  await until('an error is told', () => page.evaluate(() => window.__events.some(([name, detail]) => name === 'error' && detail.type === 'network' && detail.fatal === false)));
  await until('the state is told', () => page.evaluate(() => window.__events.some(([name, detail]) => name === 'statechange' && /Server unreachable/.test(detail.words))));
});

test('the self-test page plays the demo and ends with a verdict, though the source is away', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: '/nonexistent.mp4', VIDEO_RESOLUTION: '320x180' }, ready: false });
  const page = await open_page(await start_browser(t), `${server.url}/selftest`);
  // Each worker's /stats may be a quarter of a second old.
  const viewers = await until('a viewer', async () => {
    const told = await server.stats();
    return told.viewers.length > 0 && told.viewers;
  });
  assert.deepEqual(viewers.map((viewer) => viewer.stream), ['demo']);
  const grade = await until('a verdict', () => page.evaluate(() => document.getElementById('verdict').dataset.grade), { seconds: 30 });
  const report = await page.evaluate(() => document.body.innerText);
  assert.match(grade, /good|fair/, report);
  for (const words of ['First frame', 'Latency, median', 'Stalls', 'H.264', '640 × 360', 'does not exist']) assert.ok(report.includes(words), report);
  assert.deepEqual(page.problems, []);
});
