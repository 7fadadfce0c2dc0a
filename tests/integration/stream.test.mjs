// The responses of GET /stream: joins at any moment, one clock over loops and restarts, and slow viewers.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { clip, decode_strictly, probe } from '../lib/media.mjs';
import { run } from '../lib/process.mjs';
import { sanitized, start_server, temporary_directory } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

// Joins of `server` at random moments; each must begin independent and decode strictly from its first byte.
async function join_often(t, server, { joins, at_once = 5, seconds = 0.6 }) {
  const directory = temporary_directory(t);
  for (let done = 0; done < joins; done += at_once) {
    await Promise.all(Array.from({ length: at_once }, async (_, index) => {
      // The random moment.
      await sleep(Math.random() * 1000);
      const file = join(directory, `${index}.mp4`);
      const viewer = open_stream(t, server, { record: file });
      await viewer.media(seconds);
      await viewer.close();
      const [first] = viewer.checker.of('video');
      assert.equal(first.independent, true);
      assert.ok(viewer.first_byte_at - viewer.opened_at < 1000, 'the current GOP comes at once');
      const decoded = await decode_strictly(await whole_boxes(file));
      assert.ok(decoded.frames >= seconds * 30 - 1, `${decoded.frames} frames decoded of a join`);
    }));
  }
}

// Cuts the file back to its last whole fragment, because the viewer left at any byte.
async function whole_boxes(file) {
  const bytes = await readFile(file);
  let end = 0;
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at);
    if (at + size > bytes.length) break;
    if (bytes.toString('latin1', at + 4, at + 8) === 'mdat') end = at + size;
    at += size;
  }
  await writeFile(file, bytes.subarray(0, end));
  return file;
}

const joins = sanitized ? 10 : 100;

test(`a file: ten seconds are continuous at VIDEO_FPS, and ${joins} joins decode from their first byte`, async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: await clip('clip.mp4'), VIDEO_FPS: '30' } });
  const file = join(temporary_directory(t), 'ten.mp4');
  const viewer = open_stream(t, server, { record: file });
  await viewer.media(10);
  await viewer.close();
  const { checker } = viewer;
  assert.deepEqual(checker.gaps(), []);
  const video = checker.of('video');
  const frames_per_second = (video.length - 1) / (video.at(-1).start_s - video[0].start_s);
  assert.ok(Math.abs(frames_per_second - 30) < 0.05, `${frames_per_second}`);
  const independents = video.filter((fragment) => fragment.independent).map((fragment) => fragment.start_s);
  for (let index = 1; index < independents.length; ++index) {
    const distance = independents[index] - independents[index - 1];
    assert.ok(distance < 1.05, `a GOP of ${distance} s`);
  }
  // Picture and sound stay together.
  assert.ok(Math.abs(video.at(-1).end_s - checker.of('audio').at(-1).end_s) < 0.3);
  const { streams } = await probe(await whole_boxes(file));
  assert.deepEqual(streams.map((stream) => stream.codec_name), ['h264', 'aac']);
  assert.equal(streams[0].profile, 'Constrained Baseline');
  assert.equal(streams[0].pix_fmt, 'yuv420p');
  assert.deepEqual([streams[1].sample_rate, streams[1].channels], ['44100', 2]);
  await decode_strictly(file);
  await join_often(t, server, { joins });
});

test('VIDEO_FPS sets the frame rate', async (t) => {
  for (const [fps, expected] of [['15', 15], ['29.97', 30000 / 1001], ['50', 50]]) {
    const server = await start_server(t, { env: { VIDEO_FILE: await clip('clip.mp4'), VIDEO_FPS: fps, VIDEO_RESOLUTION: '160x90' } });
    const viewer = open_stream(t, server);
    await viewer.media(3);
    const video = viewer.checker.of('video');
    const measured = (video.length - 1) / (video.at(-1).start_s - video[0].start_s);
    assert.ok(Math.abs(measured - expected) < 0.02, `${fps}: ${measured}`);
    assert.deepEqual(viewer.checker.gaps(), []);
    await server.stop();
  }
});

for (const [what, env] of [['8 Mbit/s', {}], ['8 Mbit/s and VIDEO_CODEC=copy', { VIDEO_CODEC: 'copy' }]]) {
  test(`a source of ${what}: continuous, and joins decode from their first byte`, async (t) => {
    const server = await start_server(t, { env: { VIDEO_FILE: await clip('8mbit.mp4'), ...env } });
    const viewer = open_stream(t, server);
    await viewer.media(5);
    assert.deepEqual(viewer.checker.gaps(0.004), []);
    if (env.VIDEO_CODEC) {
      const rate = (viewer.checker.media_bytes * 8) / viewer.checker.seconds();
      assert.ok(rate > 7.2e6 && rate < 9e6, `${rate}`);
    }
    await viewer.close();
    await join_often(t, server, { joins: Math.ceil(joins / 5) });
  });
}

test('the clock is continuous over the loops of a file', async (t) => {
  for (const env of [{}, { VIDEO_CODEC: 'copy' }]) {
    const server = await start_server(t, { env: { VIDEO_FILE: await clip('copyable.mp4'), ...env } });
    const viewer = open_stream(t, server);
    await viewer.media(10);  // two loops and a half of 4 s
    const longest = Math.max(0, ...viewer.checker.gaps().map((gap) => gap.gap));
    assert.ok(longest < 0.05, `${env.VIDEO_CODEC ?? 'encoded'}: a hole of ${longest} s`);
    const video = viewer.checker.of('video');
    // Real time: as fast as the wall clock.
    const late = video.filter((fragment) => fragment.at > viewer.opened_at + 2000);
    const pace = (late.at(-1).start_s - late[0].start_s) / ((late.at(-1).at - late[0].at) / 1000);
    assert.ok(pace > 0.95 && pace < 1.05, `${pace}`);
    await server.stop();
  }
});

test('kill -9 of ffmpeg: the same response plays on, decode times increasing', async (t) => {
  const directory = temporary_directory(t);
  // The demo's ffmpeg runs all the time; that of a short file only while it reads ahead.
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '640x360' } });
  const viewer = open_stream(t, server, { record: join(directory, 'all.mp4') });
  await viewer.media(1.5);
  for (let round = 0; round < 2; ++round) {
    const { pid } = server.ffmpeg();
    const known = viewer.checker.of('video').length;
    process.kill(pid, 'SIGKILL');
    const started = Date.now();
    await until('another ffmpeg', () => server.ffmpeg() && server.ffmpeg().pid !== pid);
    await viewer.until('the picture goes on', () => viewer.checker.of('video').length > known + 30);
    const [next] = viewer.checker.of('video').filter((fragment) => fragment.at > started + 50 && fragment.gap_s > 0.02).slice(-1);
    assert.ok(next, 'the time without a source is a hole');
    assert.equal(next.independent, true, 'the first picture after the hole is independent');
    // Runs of less than ten seconds are followed after one second, then two.
    assert.ok(next.gap_s < 2.5 + round, `a hole of ${next.gap_s} s`);
  }
  // Media time follows wall time: the holes are as long as the source was away.
  const video = viewer.checker.of('video').filter((fragment) => fragment.at > viewer.opened_at + 500);
  const drift = (video.at(-1).start_s - video[0].start_s) - (video.at(-1).at - video[0].at) / 1000;
  assert.ok(Math.abs(drift) < 0.5, `${drift} s`);
  assert.equal(viewer.ended, false);
  await viewer.close();
});

test('a prft at each independent fragment tells when the server received it', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' } });
  const viewer = open_stream(t, server);
  await viewer.media(3);
  const live = viewer.checker.of('video').filter((fragment) => fragment.prft && fragment.at > viewer.opened_at + 300);
  assert.ok(live.length >= 1);
  for (const { prft, at, sequence } of live) {
    assert.equal(prft.version, 1);
    assert.equal(prft.track, 1);
    assert.ok(Math.abs(at - prft.unix_ms) < (sanitized ? 1000 : 250), `fragment ${sequence}: ${at - prft.unix_ms} ms`);
  }
});

test('a source without sound and one without picture play', async (t) => {
  const silent = await start_server(t, { env: { VIDEO_FILE: await clip('no-audio.mp4') } });
  const mute = open_stream(t, silent);
  await mute.media(2);
  assert.deepEqual(mute.checker.init.tracks.map((track) => track.kind), ['video']);
  assert.match(mute.headers['content-type'], /codecs="avc1\.[0-9A-F]{6}"/);
  await silent.stop();

  const file = join(temporary_directory(t), 'sound.mp4');
  const blind = await start_server(t, { env: { VIDEO_FILE: await clip('audio-only.m4a') } });
  const listener = open_stream(t, blind, { record: file });
  await listener.media(3);
  assert.ok(listener.checker.audio, 'sound');
  assert.ok(listener.checker.video, 'with a still picture');
  await listener.close();
  await decode_strictly(await whole_boxes(file));
});

test('a viewer that stops for 15 s at 8 Mbit/s misses whole fragments only, and its neighbour none', async (t) => {
  const directory = temporary_directory(t);
  const server = await start_server(t, { env: { VIDEO_FILE: await clip('8mbit.mp4'), VIDEO_CODEC: 'copy' } });
  const slow = open_stream(t, server, { record: join(directory, 'slow.mp4'), headers: { 'User-Agent': 'slow' } });
  const neighbour = open_stream(t, server, { headers: { 'User-Agent': 'neighbour' } });
  await Promise.all([slow.media(2), neighbour.media(2)]);
  const memory = server.resident_bytes();
  slow.pause();
  // The stop that is tested.
  await sleep(15000);
  // Not under a sanitizer: its bookkeeping grows with each allocation, and it keeps freed memory.
  if (!sanitized) assert.ok(server.resident_bytes() - memory < 24 << 20, `memory grew by ${server.resident_bytes() - memory}`);
  const resumed_at = Date.now();
  slow.resume();
  const behind = () => neighbour.checker.of('video').at(-1).start_s - slow.checker.of('video').at(-1).start_s;
  await slow.until('at most one GOP behind live', () => behind() <= 1, 3);
  assert.ok(Date.now() - resumed_at <= 1000, `${Date.now() - resumed_at} ms to catch up`);
  await slow.media(slow.checker.seconds() + 3);
  const holes = slow.checker.gaps(0.2).filter((gap) => gap.kind === 'video');
  assert.ok(holes.length >= 1 && holes.reduce((sum, hole) => sum + hole.gap, 0) > 8, JSON.stringify(holes));
  for (const hole of holes) {
    assert.equal(slow.checker.of('video').find((fragment) => fragment.sequence === hole.sequence).independent, true);
  }
  const { viewers, connections } = await server.stats();
  const dropped = (name) => viewers.find((viewer) => viewer.user_agent === name).fragments_dropped;
  assert.ok(dropped('slow') > 200, `${dropped('slow')}`);
  assert.equal(dropped('neighbour'), 0);
  assert.equal(connections.chunks_dropped, dropped('slow'));
  assert.deepEqual(neighbour.checker.gaps(0.1), []);
  const numbers = [...neighbour.checker.fragments.map((each) => each.sequence), ...neighbour.checker.messages.map((each) => each.id)].sort((a, b) => a - b);
  assert.equal((numbers.at(-1) - numbers[0]) / 2 + 1, numbers.length, 'the neighbour has every fragment');
  await slow.close();
  await decode_strictly(await whole_boxes(join(directory, 'slow.mp4')));
});

test('VIDEO_CODEC=copy passes H.264 through untouched', async (t) => {
  const directory = temporary_directory(t);
  const source = await clip('copyable.mp4');
  const server = await start_server(t, { env: { VIDEO_FILE: source, VIDEO_CODEC: 'copy' } });
  const file = join(directory, 'copy.mp4');
  const viewer = open_stream(t, server, { record: file });
  await viewer.media(5);
  await viewer.close();
  const hashes = async (path) => (await run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-i', path, '-map', '0:v', '-c', 'copy', '-bsf:v', 'h264_mp4toannexb,filter_units=pass_types=1|5', '-f', 'framehash', '-hash', 'md5', '-']))
    .stdout.toString().split('\n').filter((line) => /^\d/.test(line)).map((line) => line.split(',').pop().trim());
  const original = new Set(await hashes(source));
  const copied = await hashes(await whole_boxes(file));
  assert.ok(copied.length > 100);
  for (const hash of copied) assert.ok(original.has(hash), 'a frame that is not the source\'s');
});

for (const [name, expected] of [['bframes.mp4', /B-frame/i], ['interlaced.ts', /interlace/i], ['hevc.mp4', /hevc|H\.265/i], ['ten-bit.mp4', /profile|High 10|10-bit/i]]) {
  test(`VIDEO_CODEC=copy refuses ${name} with the reason`, async (t) => {
    const server = await start_server(t, { env: { VIDEO_FILE: await clip(name), VIDEO_CODEC: 'copy' }, ready: false });
    const { source } = await until('a reason', async () => {
      const stats = await server.stats();
      return stats.source.last_error && stats;
    });
    assert.match(source.last_error, expected);
    assert.match(server.stderr, expected);
    assert.notEqual(source.state, 'running');
  });
}

test('VIDEO_CODEC=copy turns other sound into AAC', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: await clip('pcm.mkv'), VIDEO_CODEC: 'copy' } });
  const viewer = open_stream(t, server);
  await viewer.media(2);
  assert.equal(viewer.checker.audio.codec, 'mp4a.40.2');
});
