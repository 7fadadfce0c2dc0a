// The quality table and the encoder's settings, measured in the stream: the size in the moov, and x264's own record of
// its settings in the first picture (an SEI message).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

// Starts a server with `env` and describes its first picture: {width, height, x264: {crf, ...}, viewer, stats}.
async function measure(t, env, seconds = 0.4) {
  const server = await start_server(t, { env, ready: false });
  const file = join(temporary_directory(t), 'first.mp4');
  const viewer = open_stream(t, server, { record: file });  // held until the first GOP, and so begins with it
  await viewer.media(seconds, 40);
  await viewer.close();
  const stats = await server.stats();
  await server.stop();
  const options = readFileSync(file).toString('latin1').match(/x264 - core[^\0]*options: ([^\0\x80]*)/)?.[1] ?? '';
  const x264 = Object.fromEntries(options.split(' ').map((pair) => pair.split('=')));
  const { width, height, codec } = viewer.checker.video;
  return { width, height, codec, x264, viewer, stats };
}

for (const [quality, width, height, crf] of [['1.0', 1280, 720, 18], ['0.75', 1040, 584, 24], ['0.5', 800, 450, 29], ['0.25', 560, 314, 35], ['0.0', 320, 180, 40]]) {
  test(`VIDEO_QUALITY=${quality} of 1280x720 is ${width}x${height} at CRF ${crf}`, async (t) => {
    const seen = await measure(t, { VIDEO_FILE: await clip('hd.mp4'), VIDEO_QUALITY: quality });
    assert.deepEqual([seen.width, seen.height], [width, height]);
    assert.equal(Number(seen.x264.crf), crf);
    assert.equal(seen.stats.config.video_crf, crf);
  });
}

test('VIDEO_QUALITY=0 of 6x6 is 2x2: even, and not nothing', async (t) => {
  const seen = await measure(t, { VIDEO_FILE: await clip('tiny.mkv'), VIDEO_QUALITY: '0' });
  assert.deepEqual([seen.width, seen.height], [2, 2]);
});

test('VIDEO_QUALITY wins over VIDEO_CRF and VIDEO_RESOLUTION', async (t) => {
  const seen = await measure(t, { VIDEO_FILE: await clip('clip.mp4'), VIDEO_QUALITY: '0.5', VIDEO_CRF: '40', VIDEO_RESOLUTION: '100x100' });
  assert.deepEqual([seen.width, seen.height, Number(seen.x264.crf)], [400, 224, 29]);
});

test('without settings: the source\'s size, CRF 23, ultrafast, zerolatency, a GOP of one second, baseline', async (t) => {
  const seen = await measure(t, { VIDEO_FILE: await clip('clip.mp4') });
  assert.deepEqual([seen.width, seen.height], [640, 360]);
  assert.equal(Number(seen.x264.crf), 23);
  assert.equal(seen.x264.subme, '0');  // ultrafast
  assert.equal(seen.x264.sliced_threads, '1');  // zerolatency
  assert.equal(seen.x264.bframes, '0');
  assert.equal(seen.x264.keyint, '30');
  assert.equal(seen.x264.scenecut, '0');
  assert.match(seen.codec, /^avc1\.42/);
});

test('VIDEO_CRF, VIDEO_RESOLUTION, VIDEO_PRESET, VIDEO_PROFILE and VIDEO_MAXRATE reach the encoder', async (t) => {
  const seen = await measure(t, { VIDEO_FILE: await clip('hd.mp4'), VIDEO_CRF: '28', VIDEO_RESOLUTION: '640x360', VIDEO_PRESET: 'superfast', VIDEO_PROFILE: 'high', VIDEO_MAXRATE: '1M' });
  assert.deepEqual([seen.width, seen.height], [640, 360]);
  assert.equal(Number(seen.x264.crf), 28);
  assert.equal(seen.x264.subme, '1');  // superfast
  assert.equal(seen.x264['8x8dct'], '1');  // high
  assert.match(seen.codec, /^avc1\.64/);
  assert.equal(seen.x264.vbv_maxrate, '1000');
});

test('VIDEO_MAXRATE bounds a noisy picture', async (t) => {
  const rate = ({ viewer }) => (viewer.checker.of('video').reduce((sum, fragment) => sum + fragment.bytes, 0) * 8) / viewer.checker.seconds();
  const free = rate(await measure(t, { VIDEO_FILE: await clip('8mbit.mp4'), VIDEO_RESOLUTION: '640x360' }, 4));
  const capped = rate(await measure(t, { VIDEO_FILE: await clip('8mbit.mp4'), VIDEO_RESOLUTION: '640x360', VIDEO_MAXRATE: '800k' }, 4));
  assert.ok(free > 1.3e6, `without a cap ${free}`);
  assert.ok(capped < 1e6, `capped ${capped}`);
});

test('AUDIO_BITRATE sets the rate of the sound', async (t) => {
  const rates = [];
  for (const AUDIO_BITRATE of ['32k', '256k']) {
    const { viewer, stats } = await measure(t, { VIDEO_FILE: await clip('8mbit.mp4'), VIDEO_RESOLUTION: '160x90', AUDIO_BITRATE }, 3);
    const audio = viewer.checker.of('audio');
    rates.push((audio.reduce((sum, fragment) => sum + fragment.bytes, 0) * 8) / (audio.at(-1).end_s - audio[0].start_s));
    assert.equal(stats.config.audio_bitrate, AUDIO_BITRATE);
    assert.deepEqual([viewer.checker.audio.sample_rate, viewer.checker.audio.channels], [44100, 2]);
  }
  assert.ok(rates[0] < 60_000 && rates[1] > rates[0] * 1.5, rates.join());
});

test('8K plays, with a warning and the cure where the machine cannot keep up', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: await clip('8k.mp4') }, ready: false });
  await server.wait_running(60);
  const viewer = open_stream(t, server);
  await viewer.until('pictures', (each) => each.checker.of('video').length > 10, 90);
  assert.deepEqual([viewer.checker.video.width, viewer.checker.video.height], [7680, 4320]);
  const warned = await until('a warning, or real time', async () => {
    const { source } = await server.stats();
    return source.warning || source.speed > 0.98;
  }, { seconds: 60 });
  if (typeof warned === 'string') {
    assert.match(warned, /VIDEO_RESOLUTION|VIDEO_QUALITY/);
    assert.match(server.stderr, /VIDEO_RESOLUTION|VIDEO_QUALITY/);
  }
});
