// The slate: viewers get it in the same response while the source is away, and then the source again without a gap.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { get, open_stream } from '../lib/http.mjs';
import { brightness, clip, decode_strictly } from '../lib/media.mjs';
import { children_of, run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { free_port, start_tcp } from '../lib/sources.mjs';
import { until } from '../lib/wait.mjs';

const small = { VIDEO_RESOLUTION: '320x180' };

// Processor seconds that a process has used.
async function cpu_seconds(pid) {
  const { stdout } = await run('ps', ['-o', 'cputimes=', '-p', String(pid)]);
  return Number(stdout);
}

test('a source that goes and comes back: slate after 2 s, one init segment, one timeline, everything decodes', async (t) => {
  const port = await free_port();
  let sender = await start_tcp(t, port);
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: `tcp://127.0.0.1:${port}` } });
  const file = join(temporary_directory(t), 'all.mp4');
  const viewer = open_stream(t, server, { record: file });
  await viewer.media(2);
  await sender.stop();
  const gone = Date.now();
  await until('ffmpeg has gone', async () => (await server.stats()).broadcaster.state !== 'running');
  const before = viewer.checker.of('video').length;
  await viewer.until('the slate', ({ checker }) => checker.of('video').length > before + 90, 15);
  const slate = viewer.checker.of('video').slice(before);
  assert.ok(slate[0].independent);
  const began = slate[0].at - gone;
  assert.ok(began > 1500 && began < 4500, `the slate began after ${began} ms`);
  // In real time, at the stream's frame rate, with sound beside it.
  const paced = slate.slice(0, 90);
  assert.ok(Math.abs((paced.at(-1).at - paced[0].at) - (paced.at(-1).start_s - paced[0].start_s) * 1000) < 300);
  assert.ok(paced.slice(1).every(({ gap_s }) => gap_s < 0.002));
  assert.equal(paced.filter(({ independent }) => independent).length, 3);
  const sound = viewer.checker.of('audio').filter(({ start_s }) => start_s >= slate[0].start_s);
  assert.ok(sound.slice(2).every(({ gap_s }) => gap_s < 0.002));
  // The server sends a state message each second.
  const during = viewer.checker.messages.filter(({ at }) => at > slate[0].at);
  assert.ok(during.length >= 2 && during.every(({ message }) => message.state !== 'running' && message.error), JSON.stringify(during));
  const stats = await server.stats();
  assert.equal(stats.broadcaster.running, false);
  assert.equal((await get(server, '/readyz')).status, 503);
  assert.deepEqual(children_of(server.pid).filter(({ arguments: argv }) => /drawtext/.test(argv.join(' '))), [], 'made once, then only repeated');

  sender = await start_tcp(t, port);
  await server.wait_running(40);
  const known = viewer.checker.of('video').length;
  await viewer.until('the source is back', ({ checker }) => checker.of('video').length > known + 60, 20);
  assert.equal(viewer.checker.inits.length, 1, 'no new init segment was needed');
  const holes = viewer.checker.gaps(0.1).filter(({ kind }) => kind === 'video');
  assert.equal(holes.length, 1, `the two seconds before the slate and nothing else: ${JSON.stringify(holes)}`);
  assert.ok(holes[0].gap < 4);
  await viewer.close();
  const { frames } = await decode_strictly(file);
  assert.ok(frames >= viewer.checker.of('video').length - 1, `${frames} frames`);
  // The picture is darkened: take the sample in the middle of the slate.
  const start = viewer.checker.of('video')[0].start_s;
  const bright = await brightness(file, 1);
  const dark = await brightness(file, slate[45].start_s - start);
  assert.ok(dark < bright * 0.6, `${dark} of ${bright}`);
});

test('a viewer who joins while the source is away gets the slate, not a 503', async (t) => {
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: 'none.mp4' }, ready: false });
  const viewer = open_stream(t, server);
  await viewer.media(2);
  assert.equal(viewer.status, 200);
  assert.ok(viewer.checker.messages.some(({ message }) => /does not exist/.test(message.error)));
  const { source } = await server.stats();
  assert.notEqual(source.state, 'running');
  // And the source takes over in the same response when it appears.
  copyFileSync(await clip('clip.mp4'), join(server.cwd, 'none.mp4'));
  await server.wait_running(40);
  const known = viewer.checker.of('video').length;
  await viewer.until('the source', ({ checker }) => checker.of('video').length > known + 60);
});

test('a slate costs next to nothing while it plays', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: 'none.mp4' }, ready: false });
  const viewer = open_stream(t, server, { check: false });
  await viewer.until('the slate', ({ bytes }) => bytes > 50_000);
  const before = await cpu_seconds(server.pid);
  const started = Date.now();
  await until('ten seconds', () => Date.now() - started > 10_000, { seconds: 12 });
  const used = (await cpu_seconds(server.pid)) - before;
  assert.ok(used <= 1, `${used} s of 10 s`);
});

test('VIDEO_CODEC=copy: a new init segment for the slate, and one for the source', async (t) => {
  const port = await free_port();
  const sender = await start_tcp(t, port);
  const server = await start_server(t, { env: { VIDEO_CODEC: 'copy', VIDEO_FILE: `tcp://127.0.0.1:${port}` } });
  const file = join(temporary_directory(t), 'all.mp4');
  const viewer = open_stream(t, server, { record: file });
  await viewer.media(2);
  await sender.stop();
  await viewer.until('the slate', ({ checker }) => checker.inits.length === 2, 15);
  const known = viewer.checker.of('video').length;
  await viewer.until('two seconds of it', ({ checker }) => checker.of('video').length > known + 60);
  await start_tcp(t, port);
  await viewer.until('the source', ({ checker }) => checker.inits.length === 3, 45);
  await server.wait_running();
});

test('SLATE=0: nothing but messages', async (t) => {
  const port = await free_port();
  const sender = await start_tcp(t, port);
  const server = await start_server(t, { env: { ...small, SLATE: '0', VIDEO_FILE: `tcp://127.0.0.1:${port}` } });
  const viewer = open_stream(t, server);
  await viewer.media(1);
  await sender.stop();
  await viewer.until('messages', ({ checker }) => checker.messages.length >= 5, 20);
  const quiet = viewer.checker.messages.at(-3).at;
  assert.deepEqual(viewer.checker.fragments.filter(({ at }) => at > quiet), []);
});
