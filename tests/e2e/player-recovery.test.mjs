// Faults between source and screen: the player in Chromium is live again by itself, in the same document, within two
// seconds after fragments are available again.
import assert from 'node:assert/strict';
import test from 'node:test';
import { open_page, start_browser } from '../lib/browser.mjs';
import { long_run, quarters } from '../lib/long_run.mjs';
import { goes_live, mark, player_state, set_hidden } from '../lib/player.mjs';
import { free_port, start_camera } from '../lib/sources.mjs';
import { start_server } from '../lib/server.mjs';
import { start_tcp_proxy } from '../lib/tcp_proxy.mjs';
import { sleep, until } from '../lib/wait.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };
const kSoonMs = 2000;
// ./test --all repeats the faults more often, and for longer.
const long = Boolean(process.env.LIVESTREAM_LONG);

async function playing(t, { path = '/', before, server_env = env } = {}) {
  const server = await start_server(t, { env: server_env });
  const proxy = await start_tcp_proxy(t, server.port);
  const browser = await start_browser(t);
  if (before) await browser.addInitScript(before);
  const page = await open_page(browser, proxy.url + path);
  await goes_live(page, { seconds: 20 });
  await mark(page);
  return { server, proxy, page };
}

async function is_live_soon(page, what) {
  const took = await goes_live(page);
  assert.ok(took <= kSoonMs, `live ${took} ms after ${what}`);
  assert.equal((await player_state(page)).mark, 'the same document');
  assert.deepEqual(page.problems, []);
}

// Long enough for a player that does not follow its stream to stop.
async function stays_live(page, seconds = 1.5) {
  const before = await player_state(page);
  await sleep(seconds * 1000);
  const after = await player_state(page);
  assert.ok(after.time - before.time > seconds * 0.7, `${before.time} to ${after.time}, ${after.words}`);
}

test('ffmpeg killed again and again', async (t) => {
  const { server, page } = await playing(t);
  for (let i = 0; i < (long ? 20 : 4); i++) {
    const { pid } = server.ffmpeg();
    process.kill(pid, 'SIGKILL');
    await until('another ffmpeg', () => server.ffmpeg() && server.ffmpeg().pid !== pid);
    await server.wait_running();
    await is_live_soon(page, `ffmpeg's ${i + 1}. restart`);
  }
  await stays_live(page);
});

test('the server killed and started again', async (t) => {
  const { server, proxy, page } = await playing(t);
  await server.stop();
  await until('the page says so', async () => /unreachable/.test((await player_state(page)).words));
  await sleep(2000);
  const again = await start_server(t, { env });
  proxy.target = again.port;
  await is_live_soon(page, 'the restart');
  await stays_live(page);
});

test('the network drops everything for a second: no hole in the timeline', async (t) => {
  const { proxy, page } = await playing(t);
  proxy.cut();
  await sleep(1000);
  proxy.heal();
  await is_live_soon(page, 'the cut');
  assert.equal((await player_state(page)).ranges, 1);
});

test('the network resets the connections: the response is resumed without a hole', async (t) => {
  const { proxy, page } = await playing(t);
  const { time } = await player_state(page);
  proxy.reset();
  await until('another request', () => page.asked.some((url) => /after=/.test(url)));
  await is_live_soon(page, 'the reset');
  const { buffered } = await player_state(page);
  assert.equal(buffered.length, 1, JSON.stringify(buffered));
  assert.ok(buffered[0][0] <= time, 'still the same MediaSource');
});

test(`the network is gone for ${long ? 20 : 8} seconds`, async (t) => {
  const { proxy, page } = await playing(t);
  proxy.cut();
  await until('the page says so', async () => /unreachable/.test((await player_state(page)).words), { seconds: 8 });
  await sleep(long ? 15_000 : 3000);
  proxy.heal();
  await is_live_soon(page, 'the network is back');
  await stays_live(page);
});

test('garbage in the response', async (t) => {
  const { proxy, page } = await playing(t);
  proxy.foul(Buffer.from('this is not a box, and it breaks the following ones'.repeat(20)));
  await until('it was let through', () => proxy.fouling === null);
  await is_live_soon(page, 'the garbage');
  await stays_live(page);
});

test('garbage within a fragment', async (t) => {
  const { page } = await playing(t, {
    before: () => {
      Object.defineProperty(MediaSource, 'canConstructInDedicatedWorker', { value: false });
      const append = SourceBuffer.prototype.appendBuffer;
      SourceBuffer.prototype.appendBuffer = function (bytes) {
        if (window.__foul) {
          window.__foul = false;
          bytes = bytes.slice();
          bytes.fill(0xff, 8, bytes.length / 2);
        }
        append.call(this, bytes);
      };
    },
  });
  await page.evaluate(() => { window.__foul = true; });
  await until('it was appended', () => page.evaluate(() => !window.__foul));
  await is_live_soon(page, 'the garbage');
  await stays_live(page);
});

test('the browser has no room for more', async (t) => {
  const { page } = await playing(t, {
    before: () => {
      Object.defineProperty(MediaSource, 'canConstructInDedicatedWorker', { value: false });
      const { appendBuffer: append, remove } = SourceBuffer.prototype;
      SourceBuffer.prototype.appendBuffer = function (bytes) {
        if (window.__full) throw new DOMException('full', 'QuotaExceededError');
        append.call(this, bytes);
      };
      SourceBuffer.prototype.remove = function (start, end) {
        window.__removed = window.__full || window.__removed;
        window.__full = false;
        remove.call(this, start, end);
      };
    },
  });
  await page.evaluate(() => { window.__full = true; });
  await until('room was made', () => page.evaluate(() => window.__removed === true));
  await is_live_soon(page, 'room was made');
  await stays_live(page);
});

test('a hidden tab stops the download and is live again when shown', async (t) => {
  const { server, page } = await playing(t, { path: '/?muted=1' });
  await set_hidden(page, true);
  await until('no client downloads', async () => (await server.stats()).connections.clients === 0, { seconds: 5 });
  await sleep(long ? 29_000 : 4000);
  assert.equal((await player_state(page)).state, 'resting');
  await set_hidden(page, false);
  await is_live_soon(page, 'it is shown');
});

test('the main thread is blocked for two seconds', async (t) => {
  const { page } = await playing(t);
  await stays_live(page);
  const before = await player_state(page);
  await page.evaluate(() => { for (const end = performance.now() + 2000; performance.now() < end;); });
  const after = await player_state(page);
  assert.ok(after.time - before.time > 1.5, `the picture went on: ${before.time} to ${after.time}`);
  await is_live_soon(page, 'the block');
});

const camera = (t, port, size, audio) => start_camera(t, port, ['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25`,
  ...(audio ? ['-re', '-f', 'lavfi', '-i', 'sine'] : []), '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25',
  '-pix_fmt', 'yuv420p', '-c:a', 'aac']);

test('the source changes its size, loses its sound and gets it back', async (t) => {
  const port = await free_port();
  let sender = await camera(t, port, '320x180', true);
  const { server, page } = await playing(t, { path: '/?muted=0', server_env: { VIDEO_FILE: `tcp://127.0.0.1:${port}` } });
  for (const [size, audio] of [['426x240', true], ['426x240', false], ['320x180', true]]) {
    await sender.stop();
    sender = await camera(t, port, size, audio);
    const width = Number(size.split('x')[0]);
    await until('the new source runs', async () => (await server.stats()).stream.width === width || (await server.stats()).broadcaster.running);
    await until(`${size}, ${audio ? 'with' : 'without'} sound`, async () => {
      const { width: shown, codecs } = await player_state(page);
      return shown === width && /mp4a/.test(codecs) === audio;
    }, { seconds: 40 });
    await is_live_soon(page, `${size} ${audio}`);
    await stays_live(page);
  }
});

test('delay, memory and buffered ranges do not grow', async (t) => {
  const { page } = await playing(t, { path: '/?muted=1' });
  const rows = await long_run(page, { minutes: long ? 5 : 0.5 });
  const states = rows.map(({ state }) => state);
  assert.match(states.at(-1), /^(live|catching-up)$/, states.join());
  assert.ok(rows.every(({ ranges }) => ranges === 1));
  const { latency_ms, kept_s, renderer_mb } = quarters(rows);
  // In the short form the noise of a busy machine is larger than any growth.
  assert.ok(latency_ms[1] - latency_ms[0] < (long ? 60 : 200), `latency ${latency_ms}`);
  assert.ok(kept_s[1] < 30, `${kept_s[1]} s kept`);
  assert.ok(renderer_mb[1] / renderer_mb[0] < (long ? 1.15 : 1.3), `renderer ${renderer_mb}`);
});
