// A source on demand in Chromium: its last picture, darkened and with its age, until there is a new one.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { get } from '../lib/http.mjs';
import { open_page, start_browser } from '../lib/browser.mjs';
import { goes_live, in_player, player_state } from '../lib/player.mjs';
import { children_of, run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { free_port, start_rtsp, start_tcp } from '../lib/sources.mjs';
import { start_tcp_server } from '../lib/tcp_server.mjs';
import { until } from '../lib/wait.mjs';

const kSlowly = { seconds: 20 };

// A server with the streams `yard` and `gate` of one source, on demand, and a browser.
async function start(t, settings) {
  const cwd = temporary_directory(t);
  const camera = { on_demand: true, linger: 0.5, ...settings };
  writeFileSync(join(cwd, 'livestream.yml'), JSON.stringify({ defaults: { video_resolution: '640x360' }, streams: { yard: camera, gate: 'demo' } }));
  const server = await start_server(t, { cwd, ready: false });
  const listed = async () => (await get(server, '/streams.json')).json().streams[0];
  const browser = await start_browser(t);
  const rests = async () => {
    await until('the source is closed', async () => (await listed()).state === 'stopped', kSlowly);
    await until('the last picture is made', () => children_of(server.pid).filter(({ state }) => state !== 'Z').length <= 1, kSlowly);
  };
  // The first visit, which leaves a picture.
  const visit = async () => {
    const page = await open_page(browser, `${server.url}/yard/`);
    await goes_live(page, { seconds: 20 });
    await page.close();
    await rests();
  };
  return { server, browser, rests, visit };
}

// Brightness of the picture on the screen, 0 to 255, its state and words, and whether they can be seen.
const look = (page) => in_player(page, `(player) => {
  const { video } = player;
  const canvas = document.createElement('canvas');
  canvas.width = 64;
  canvas.height = 36;
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 64, 36);
  const { data } = pen.getImageData(0, 0, 64, 36);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum += data[i] + data[i + 1] + data[i + 2];
  const headline = player.shadowRoot.querySelector('.headline');
  const centre = player.shadowRoot.querySelector('.centre');
  return {
    light: sum / (64 * 36 * 3), state: player.state, words: player.words, age: player.pictureAge, stalls: player.statistics.stalls,
    seen: headline?.checkVisibility({ checkOpacity: true }) ?? false, cover: centre ? getComputedStyle(centre).backgroundColor : '',
  };
}`);

test('the second visit: the last picture at once, then the camera, undarkened', async (t) => {
  const port = await free_port();
  let sender = await start_tcp(t, port);
  const { server, browser, visit } = await start(t, { source: `tcp://127.0.0.1:${port}`, source_timeout: 30 });
  await visit();
  await sender.stop();
  // The camera takes the connection and says nothing for a while.
  const silent = await start_tcp_server(t, () => {}, { port });
  const page = await open_page(browser, `${server.url}/yard/`);
  await until('a picture', async () => (await player_state(page)).width === 640 && await in_player(page, '(player) => player.shown'), kSlowly);
  await until('its age is seen', async () => (await look(page)).seen);
  const old = await look(page);
  assert.equal(old.state, 'source-starting');
  assert.match(old.words, /^Picture from \d+ seconds? ago, source starting$/);
  assert.ok(old.age > 0 && old.age < 60, `${old.age} s`);
  assert.equal(old.cover, 'rgba(0, 0, 0, 0)');
  await silent.stop();
  sender = await start_tcp(t, port);
  await goes_live(page, { seconds: 40 });
  await until('the words are gone', async () => !(await look(page)).seen);
  const live = await look(page);
  assert.ok(old.light < live.light * 0.6 && old.light > 5, `${old.light}, then ${live.light}`);
  assert.equal(live.age, null);
  assert.deepEqual(page.problems, []);
});

test('a camera opens without a stall, and not behind', async (t) => {
  const camera = await start_rtsp(t);
  for (const video_codec of ['libx264', 'copy']) {
    const { server, browser, visit } = await start(t, { source: camera.url(), video_codec });
    await visit();
    const page = await open_page(browser, `${server.url}/yard/`);
    await until('the old picture', async () => (await player_state(page)).state === 'source-starting', { seconds: 20, every_ms: 5 });
    const took = await goes_live(page);
    await goes_live(page, { behind: 0.4 });
    const { ranges, stalls } = await player_state(page);
    assert.ok(stalls <= 1, `${stalls} stalls, ${took} ms, ${ranges} ranges`);
    await page.close();
    await server.stop();
  }
});

test('the wall shows it too', async (t) => {
  const port = await free_port();
  const sender = await start_tcp(t, port);
  const { server, browser, visit } = await start(t, { source: `tcp://127.0.0.1:${port}`, source_timeout: 30 });
  await visit();
  await sender.stop();
  await start_tcp_server(t, () => {}, { port });
  const page = await open_page(browser, `${server.url}/`);
  const tile = (text) => page.evaluate(`(() => { const tile = document.querySelector('.tile'); const player = tile?.querySelector('live-player'); return (${text})(player, tile); })()`);
  await until('its age is seen', () => tile(`(player) => player?.shown && player.shadowRoot.querySelector('.headline')?.checkVisibility({ checkOpacity: true })`), kSlowly);
  assert.match(await tile('(player, tile) => tile.querySelector("a").getAttribute("aria-label")'), /picture from \d+ seconds? ago, source starting/);
});
