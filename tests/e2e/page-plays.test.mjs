// The page in Chromium: it plays at once and recovers by itself when ffmpeg or the server ends.
import assert from 'node:assert/strict';
import test from 'node:test';
import { open_page, start_browser, video_state } from '../lib/browser.mjs';
import { clip } from '../lib/media.mjs';
import { start_server } from '../lib/server.mjs';
import { start_nginx } from '../lib/sources.mjs';
import { until } from '../lib/wait.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };

// Waits until `frames` more frames have been shown and the media time has advanced by `seconds`.
async function plays(page, { seconds = 1, within = 20 } = {}) {
  const first = await until('a first frame', async () => {
    const state = await video_state(page);
    return state && state.width > 0 && state.frames > 0 && state;
  }, { seconds: within });
  return until(`the clock advances by ${seconds} s`, async () => {
    const state = await video_state(page);
    return state && state.currentTime >= first.currentTime + seconds && state.frames >= first.frames + seconds * 15 && state;
  }, { seconds: within }).catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await video_state(page))}`); });
}

const mark = (page) => page.evaluate(() => { window.__mark = 'the same document'; });
const marked = (page) => page.evaluate(() => window.__mark === 'the same document');
const streams = (page) => page.asked.filter((url) => /\/stream(\?|$)/.test(url)).length;

test('a first frame is painted and the clock advances, near the live edge', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t), server.url);
  const state = await plays(page, { seconds: 2 });
  assert.deepEqual([state.width, state.height], [320, 180]);
  assert.equal(state.paused, false);
  assert.equal(state.error, null);
  await until('it is within a second of the newest', async () => (await video_state(page)).behind < 1);
  assert.deepEqual(page.problems, []);
  assert.deepEqual(page.asked.filter((url) => !url.startsWith(server.url) && !/^(data|blob):/.test(url)), []);
});

test('it plays without a gesture where the browser forbids sound without one', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t, { autoplay: false }), server.url);
  const state = await plays(page);
  assert.equal(state.muted, true);
});

test('kill -9 of ffmpeg: the same document plays on, from the same response', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t), server.url);
  await plays(page);
  await mark(page);
  const opened = streams(page);
  const { pid } = server.ffmpeg();
  const before = (await video_state(page)).currentTime;
  process.kill(pid, 'SIGKILL');
  await until('another ffmpeg', () => server.ffmpeg() && server.ffmpeg().pid !== pid);
  await until('the clock has passed the hole', async () => (await video_state(page)).currentTime > before + 3, { seconds: 15 });
  await plays(page);
  assert.equal(await marked(page), true);
  assert.equal(streams(page), opened, 'no second request');
  assert.deepEqual(page.problems, []);
});

test('a restart of the server: the same document plays on', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t), server.url);
  await plays(page);
  await mark(page);
  await server.stop();
  await until('the clock stands', async () => {
    const { currentTime } = await video_state(page);
    await new Promise((resolve) => setTimeout(resolve, 400));
    return (await video_state(page)).currentTime === currentTime;
  }, { seconds: 10 });
  await start_server(t, { env, port: server.port });
  await plays(page, { within: 30 });
  assert.equal(await marked(page), true);
});

test('it works under a sub-path of a proxy', async (t) => {
  const server = await start_server(t, { env });
  const nginx = await start_nginx(t, `location /cameras/door/ { proxy_pass http://127.0.0.1:${server.port}/; proxy_http_version 1.1; }`);
  const page = await open_page(await start_browser(t), `${nginx.url}/cameras/door/`);
  await plays(page, { seconds: 2 });
  for (const url of page.asked.filter((each) => each.startsWith('http'))) assert.ok(url.startsWith(`${nginx.url}/cameras/door/`) || /favicon/.test(url), url);
});

test('it recovers when the size changes with a restart of the server', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t), server.url);
  await plays(page);
  await server.stop();
  await start_server(t, { env: { ...env, VIDEO_FILE: await clip('no-audio.mp4'), VIDEO_RESOLUTION: '426x240' }, port: server.port });
  await until('the new size', async () => (await video_state(page))?.width === 426, { seconds: 30 });
  await plays(page);
});
