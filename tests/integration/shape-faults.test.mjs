// Faults while another encoder follows the shape of a source: it dies, the server stops, shapes flap.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { cleanup } from '../lib/cleanup.mjs';
import { open_stream } from '../lib/http.mjs';
import { children_of, run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

// MPEG-TS of parts, each [size, seconds, more arguments of the encoder].
async function clip_of(t, parts) {
  const folder = temporary_directory(t);
  const path = join(folder, 'parts.ts');
  writeFileSync(path, '');
  const made = new Map();
  for (const part of parts) {
    const key = JSON.stringify(part);
    if (!made.has(key)) {
      const [size, seconds, more = []] = part;
      const file = join(folder, `${made.size}.ts`);
      const result = await run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc=size=${size}:rate=25:duration=${seconds}`,
        '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', ...more, '-f', 'mpegts', file]);
      assert.equal(result.code, 0, result.stderr);
      made.set(key, readFileSync(file));
    }
    appendFileSync(path, made.get(key));
  }
  return path;
}

// A sender that gives the bytes in `seconds`, once for each client, and then keeps the connection.
async function sender_of(t, bytes, seconds) {
  const sender = createServer((socket) => {
    const began = Date.now();
    let at = 0;
    const timer = setInterval(() => {
      const next = Math.min(bytes.length, Math.ceil(bytes.length * (Date.now() - began) / (seconds * 1000)));
      socket.write(bytes.subarray(at, next));
      at = next;
    }, 40);
    socket.on('error', () => {});
    socket.on('close', () => clearInterval(timer));
  });
  await new Promise((resolve) => sender.listen(0, '127.0.0.1', resolve));
  cleanup(t, () => sender.close());
  return `tcp://127.0.0.1:${sender.address().port}`;
}

const sizes = (viewer) => viewer.checker.inits.map(({ tracks }) => tracks.find((track) => track.kind === 'video')).map(({ width, height }) => `${width}x${height}`);
const encoders_of = (server) => children_of(server.pid).filter((child) => child.arguments.join(' ').includes('-f rawvideo -pixel_format'));

test('an encoder that is killed: one line, and the source is opened again', async (t) => {
  const clip = await clip_of(t, [['240x320', 3], ['320x240', 30]]);
  const server = await start_server(t, { env: { VIDEO_FILE: await sender_of(t, readFileSync(clip), 33) }, ready: false });
  await server.wait_running(30);
  const viewer = open_stream(t, server);
  await viewer.until('the picture has turned', () => sizes(viewer).includes('320x240'), 30);
  const [encoder] = encoders_of(server);
  process.kill(encoder.pid, 'SIGKILL');
  await until('the source is opened again', async () => (await server.stats()).source.restarts === 1, { seconds: 20 });
  const told = server.stderr.split('\n').filter((line) => line.includes('new shape cannot be encoded'));
  assert.equal(told.length, 1, server.stderr);
  await viewer.until('the first shape is back', () => sizes(viewer).lastIndexOf('240x320') > sizes(viewer).indexOf('320x240'), 30);
});

test('the server stops at once while shapes change', async (t) => {
  const clip = await clip_of(t, Array.from({ length: 20 }, (_, i) => [i % 2 ? '320x240' : '240x320', 0.6]));
  const server = await start_server(t, { env: { VIDEO_FILE: await sender_of(t, readFileSync(clip), 12) }, ready: false });
  await server.wait_running(30);
  const viewer = open_stream(t, server);
  await viewer.until('the picture has turned twice', () => sizes(viewer).length >= 3, 30);
  assert.ok(encoders_of(server).length > 0);
  await server.stop();
});

test('shapes that flap five times a second: few encoders, no restart, no hole', async (t) => {
  const clip = await clip_of(t, Array.from({ length: 50 }, (_, i) => [i % 2 ? '320x240' : '240x320', 0.2]).concat([['256x144', 8]]));
  const server = await start_server(t, { env: { VIDEO_FILE: await sender_of(t, readFileSync(clip), 18) }, ready: false });
  await server.wait_running(30);
  const viewer = open_stream(t, server);
  let most = 0;
  await viewer.until('the last shape is there', () => {
    most = Math.max(most, encoders_of(server).length);
    return sizes(viewer).includes('256x144');
  }, 40);
  assert.ok(most >= 1 && most <= 4, `${most} encoders`);
  assert.equal((await server.stats()).source.restarts, 0);
  assert.deepEqual(viewer.checker.gaps(1), []);
});

test('interlaced pictures that change their size', async (t) => {
  const fields = ['-vf', 'tinterlace=interleave_top,setfield=tff', '-flags', '+ilme+ildct'];
  const clip = await clip_of(t, [['352x288', 3, fields], ['480x270', 3, fields], ['352x288', 3, fields]]);
  const server = await start_server(t, { env: { VIDEO_FILE: clip }, ready: false });
  await until('the fields are seen', () => children_of(server.pid).some((child) => child.arguments.join(' ').includes('yadif')));
  const viewer = open_stream(t, server);
  await viewer.media(7, 30);
  const aspect = sizes(viewer).slice(0, 2).map((size) => size.split('x').map(Number)).map(([width, height]) => width / height);
  assert.ok(Math.abs(aspect[0] - 352 / 288) < 0.02 && Math.abs(aspect[1] - 16 / 9) < 0.02, sizes(viewer).join());
});
