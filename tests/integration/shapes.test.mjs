// Sources whose pictures change their shape: the response goes on with an init segment of the new one.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { start_http } from '../lib/sources.mjs';
import { cleanup } from '../lib/cleanup.mjs';
import { until } from '../lib/wait.mjs';

// An MPEG-TS of parts, each of `seconds`; a part is a size and, if not square, a sample aspect ratio.
async function changing_clip(t, parts, seconds = 3) {
  const folder = temporary_directory(t);
  const path = join(folder, 'changing.ts');
  writeFileSync(path, '');
  for (const [index, [size, aspect = '1']] of parts.entries()) {
    const part = join(folder, `${index}.ts`);
    const made = await run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc=size=${size}:rate=30:duration=${seconds}`,
      '-f', 'lavfi', '-i', `sine=440:duration=${seconds}`, '-c:a', 'aac', '-vf', `setsar=${aspect}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30', '-f', 'mpegts', part]);
    assert.equal(made.code, 0, made.stderr);
    appendFileSync(path, readFileSync(part));
  }
  return path;
}

const sizes = (viewer) => viewer.checker.inits.map(({ tracks }) => {
  const video = tracks.find((track) => track.kind === 'video');
  return `${video.width}x${video.height}`;
});

async function watch(t, source, seconds, env = {}) {
  const server = await start_server(t, { env: { VIDEO_FILE: source, ...env }, ready: false });
  await server.wait_running(30);
  const viewer = open_stream(t, server);
  await viewer.media(seconds, seconds + 25);
  return { viewer, source: (await server.stats()).source };
}

for (const [name, parts, expected] of [
  ['a phone that is turned and turned back', [['240x320'], ['320x240'], ['240x320']], ['240x320', '320x240', '240x320']],
  ["an advert's small picture", [['480x270'], ['256x144'], ['480x270']], ['480x270', '256x144', '480x270']],
  ['4:3 anamorphic, then 16:9', [['352x288', '12/11'], ['352x288', '16/11'], ['352x288', '12/11']], ['384x288', '512x288', '384x288']],
]) {
  test(`a file: ${name}`, async (t) => {
    const { viewer, source } = await watch(t, await changing_clip(t, parts), 12);
    assert.deepEqual(sizes(viewer).slice(0, 3), expected);
    assert.equal(source.restarts, 0);
    assert.deepEqual(viewer.checker.gaps(1), []);
  });
}

test('MPEG-TS over TCP from a sender that serves one client', async (t) => {
  const bytes = readFileSync(await changing_clip(t, [['240x320'], ['320x240'], ['240x320']]));
  let clients = 0;
  const sender = createServer((socket) => {
    ++clients;
    let at = 0;
    const timer = setInterval(() => {
      // Nine seconds of media in nine seconds.
      const next = Math.min(bytes.length, at + Math.ceil(bytes.length / 180));
      socket.write(bytes.subarray(at, next));
      at = next;
    }, 50);
    socket.on('error', () => {});
    socket.on('close', () => clearInterval(timer));
  });
  await new Promise((resolve) => sender.listen(0, '127.0.0.1', resolve));
  cleanup(t, () => sender.close());
  const { viewer } = await watch(t, `tcp://127.0.0.1:${sender.address().port}`, 7);
  assert.deepEqual(sizes(viewer).slice(0, 3), ['240x320', '320x240', '240x320']);
  assert.equal(clients, 1, 'the source stays open');
});

test('MPEG-TS over HTTP without a length', async (t) => {
  const bytes = readFileSync(await changing_clip(t, [['320x180'], ['180x320']], 4));
  const source = await start_http(t, (request, response) => {
    response.writeHead(200, { 'content-type': 'video/mp2t' });
    response.end(bytes);
  });
  const { viewer } = await watch(t, `${source.url}/live`, 7);
  assert.deepEqual(sizes(viewer).slice(0, 2), ['320x180', '180x320']);
});

test('VIDEO_RESOLUTION keeps the size, VIDEO_QUALITY follows', async (t) => {
  const clip = await changing_clip(t, [['240x320'], ['320x240']]);
  const fixed = await watch(t, clip, 5, { VIDEO_RESOLUTION: '320x180' });
  assert.deepEqual(sizes(fixed.viewer), ['320x180']);
  const scaled = await watch(t, clip, 5, { VIDEO_QUALITY: '0.5' });
  const [first, second] = sizes(scaled.viewer).map((size) => size.split('x').map(Number));
  assert.ok(first[0] < first[1] && second[0] > second[1], sizes(scaled.viewer).join());
});

test('each viewer who comes later gets the shape of the moment', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: await changing_clip(t, [['240x320'], ['320x240']], 5) } });
  const early = open_stream(t, server);
  await until('the picture has turned', () => sizes(early).includes('320x240'));
  const late = open_stream(t, server);
  await late.media(1, 20);
  assert.equal(sizes(late)[0], '320x240');
});
