// The viewers of a source on demand see its last picture, darkened, with its age, until it has opened.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { get, open_stream } from '../lib/http.mjs';
import { brightness, clip, decode_strictly } from '../lib/media.mjs';
import { children_of, run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { free_port, start_rtsp, start_tcp } from '../lib/sources.mjs';
import { start_tcp_server } from '../lib/tcp_server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const kPath = '/yard/stream';
const kSlowly = { seconds: 20 };

// A server with the stream `yard`, on demand.
async function start(t, settings) {
  const cwd = temporary_directory(t);
  const configure = (yard) => writeFileSync(join(cwd, 'livestream.yml'), JSON.stringify({
    defaults: { video_resolution: '320x180', video_fps: 15 }, streams: { yard: { on_demand: true, linger: 0.5, ...yard } },
  }));
  configure(settings);
  const server = await start_server(t, { cwd, ready: false });
  server.configure = configure;
  server.listed = async () => (await get(server, '/streams.json')).json().streams[0];
  server.rests = async () => {
    await until('the source is closed', async () => (await server.listed()).state === 'stopped', kSlowly);
    await until('the last picture is made', () => children_of(server.pid).filter(({ state }) => state !== 'Z').length === 0, kSlowly);
  };
  return server;
}

// A visit that sees `seconds` of the source's own picture, and the rest after it.
async function visit(t, server, { seconds = 1, ...options } = {}) {
  const viewer = open_stream(t, server, { path: kPath, ...options });
  await viewer.until('the source runs', ({ checker }) => checker.messages.some(({ message }) => message.state === 'running') || checker.seconds() > 3);
  await until('the list says so', async () => (await server.listed()).state === 'running', kSlowly);
  await viewer.media(viewer.checker.seconds() + seconds);
  await viewer.close();
  await server.rests();
  return viewer;
}

const ages = (viewer) => viewer.checker.messages.filter(({ message }) => 'picture_age_ms' in message).map(({ message }) => message);
const video = (viewer) => viewer.checker.of('video');

// How much slower than an idle machine this one is at starting programs; 1 and above.
async function slowness() {
  const began = Date.now();
  for (let i = 0; i < 5; i++) await run('ffmpeg', ['-version']);
  return Math.max(1, (Date.now() - began) / 5 / 80);
}

for (const [name, settings, path] of [['encoded', {}, '/camera'], ['passed through', { video_codec: 'copy' }, '/camera'], ['without sound', { audio: 'off' }, '/video']]) {
  test(`the last picture at once, then the camera: ${name}`, async (t) => {
    const camera = await start_rtsp(t);
    const server = await start(t, { source: camera.url(path), ...settings });
    assert.deepEqual(ages(await visit(t, server)), [], 'there is no picture before the first visit');
    const closed_at = Date.now();
    await sleep(1000);
    const file = join(temporary_directory(t), 'all.mp4');
    const viewer = open_stream(t, server, { path: kPath, record: file });
    await viewer.until('a picture', ({ checker }) => checker.of('video').length > 0 && checker.messages.length > 0);
    const [first] = video(viewer);
    assert.ok(first.at - viewer.opened_at < 250 * await slowness(), `the first fragment came after ${first.at - viewer.opened_at} ms`);
    assert.ok(first.independent);
    const [{ state, picture_age_ms: age }] = ages(viewer);
    assert.equal(state, 'starting');
    const most = Date.now() - closed_at + 3000;
    assert.ok(age >= 1000 && age <= most, `${age} ms old, at most ${most}`);
    await viewer.until('the source', ({ checker }) => checker.messages.at(-1).message.state === 'running');
    const began = video(viewer).at(-1).start_s - first.start_s;
    await viewer.media(viewer.checker.seconds() + 1.5);
    assert.ok(!('picture_age_ms' in viewer.checker.messages.at(-1).message));
    assert.deepEqual(viewer.checker.gaps(0.3), [], 'one timeline');
    const sizes = new Set(viewer.checker.inits.map(({ tracks }) => tracks.length));
    assert.equal(sizes.size, 1, 'the same tracks');
    await viewer.close();
    if (viewer.checker.inits.length > 1) return;  // ffmpeg does not follow a second moov
    await decode_strictly(file);
    const dark = await brightness(file, 0);
    const bright = await brightness(file, began + 1);
    assert.ok(dark < bright * 0.6 + 1, `${dark} of ${bright}`);
  });
}

for (const video_codec of ['libx264', 'copy']) {
  test(`the first new picture comes within a second: ${video_codec}`, async (t) => {
    const camera = await start_rtsp(t);
    const server = await start(t, { source: camera.url(), video_codec });
    // Long enough for its rate to be measured, which is not found out again then.
    await visit(t, server, { seconds: 5 });
    const times = [];
    for (let i = 0; i < 4; i++) {
      const viewer = await visit(t, server, { seconds: 4 });
      times.push(viewer.checker.messages.find(({ message }) => message.state === 'running').at - viewer.opened_at);
      assert.deepEqual(viewer.checker.gaps(0.3), []);
    }
    const middle = times.toSorted((a, b) => a - b)[1];
    assert.ok(middle <= 1000 * await slowness(), `${times} ms`);
  });
}

test('a camera that is gone: the last picture with the error, then a slate of it, then the camera', async (t) => {
  const port = await free_port();
  let sender = await start_tcp(t, port);
  const server = await start(t, { source: `tcp://127.0.0.1:${port}` });
  await visit(t, server);
  await sender.stop();
  const file = join(temporary_directory(t), 'all.mp4');
  const viewer = open_stream(t, server, { path: kPath, record: file });
  await viewer.until('the error', () => ages(viewer).some(({ error }) => error));
  assert.ok(video(viewer).length > 0);
  await viewer.until('a slate', ({ checker }) => ages(viewer).length > 0 && checker.messages.filter(({ message }) => message.error && !('picture_age_ms' in message)).length > 1);
  assert.notEqual((await server.listed()).state, 'running');
  const slate_at = video(viewer).at(-1).start_s - video(viewer)[0].start_s;
  await viewer.media(viewer.checker.seconds() + 1);
  sender = await start_tcp(t, port);
  await viewer.until('the camera', ({ checker }) => checker.messages.at(-1).message.state === 'running', 40);
  await viewer.media(viewer.checker.seconds() + 1);
  await viewer.close();
  assert.equal(viewer.checker.inits.length, 1);
  await decode_strictly(file);
  // The slate is the same picture, no darker, with letters on it.
  const [old, slate] = [await brightness(file, 0.1), await brightness(file, slate_at + 0.5)];
  assert.ok(slate >= old - 1 && slate < old * 1.5, `${slate} after ${old}`);
});

test('who leaves while the source is away is shown its last picture, not the slate', async (t) => {
  const port = await free_port();
  const sender = await start_tcp(t, port);
  const server = await start(t, { source: `tcp://127.0.0.1:${port}` });
  const viewer = open_stream(t, server, { path: kPath });
  await until('it runs', async () => (await server.listed()).state === 'running', kSlowly);
  await viewer.media(1);
  await sender.stop();
  const gone_at = Date.now();
  await viewer.until('a slate', ({ checker }) => checker.messages.length > 4 && checker.messages.at(-1).at - checker.of('video').at(-1).at < 200);
  await viewer.close();
  await server.rests();
  const next = open_stream(t, server, { path: kPath });
  await next.until('the age', () => ages(next).length > 0);
  const since = Date.now() - gone_at;
  assert.equal(ages(next)[0].error, undefined, 'nothing has failed yet this time');
  assert.ok(Math.abs(ages(next)[0].picture_age_ms - since) < 2000, `${ages(next)[0].picture_age_ms} of ${since} ms`);
});

for (const watched of [false, true]) {
  test(`another source shows nothing of the one before, ${watched ? 'watched' : 'closed'}`, async (t) => {
    const port = await free_port();
    await start_tcp(t, port);
    const server = await start(t, { source: `tcp://127.0.0.1:${port}` });
    const other = open_stream(t, server, { path: kPath });
    await until('it runs', async () => (await server.listed()).state === 'running', kSlowly);
    await other.media(3);
    if (!watched) await other.close();
    if (!watched) await server.rests();
    server.configure({ source: `tcp://127.0.0.1:${await free_port()}` });
    server.kill('SIGHUP');
    await until('the other source', () => /the configuration is in force/.test(server.stderr), kSlowly);
    await until('the old one is closed', async () => (await server.listed()).state !== 'running', kSlowly);
    await sleep(500);
    const file = join(temporary_directory(t), 'all.mp4');
    const viewer = open_stream(t, server, { path: kPath, record: file });
    await viewer.media(1);
    await viewer.close();
    assert.deepEqual(ages(viewer), []);
    const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', file, '-frames:v', '1', '-vf', 'crop=iw:ih/4:0:0,format=gray', '-f', 'rawvideo', '-']);
    assert.ok(new Set(stdout).size <= 4, 'a plain slate, at its upper edge');
  });
}

test('files, the demo and streams without slates show no old picture', async (t) => {
  const camera = await start_rtsp(t);
  for (const settings of [{ source: await clip('long.mp4') }, { source: 'demo' }, { source: camera.url(), slate: false }]) {
    const server = await start(t, settings);
    await visit(t, server);
    assert.deepEqual(ages(await visit(t, server)), []);
    await server.stop();
  }
});

test('several viewers, and one who joins later, are told the age', async (t) => {
  const port = await free_port();
  const sender = await start_tcp(t, port);
  const server = await start(t, { source: `tcp://127.0.0.1:${port}`, source_timeout: 30 });
  await visit(t, server);
  await sender.stop();
  // A camera that takes the connection and says nothing for a while.
  await start_tcp_server(t, () => {}, { port });
  const viewers = [open_stream(t, server, { path: kPath }), open_stream(t, server, { path: kPath })];
  for (const viewer of viewers) await viewer.until('the age', () => ages(viewer).length > 0);
  await viewers[0].media(2.5);
  assert.equal((await server.listed()).state, 'starting');
  const late = open_stream(t, server, { path: `${kPath}?audio=0` });
  await late.until('the age', () => ages(late).length > 0);
  assert.ok(late.checker.of('video').length > 0);
  assert.equal(viewers[0].checker.messages.at(-1).message.state, 'starting');
});
