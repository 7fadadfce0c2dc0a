// Sources without a picture for long: they play, the last picture stands, and sound goes on.
import assert from 'node:assert/strict';
import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { chosen } from '../lib/members.mjs';
import { run } from '../lib/process.mjs';
import { open_stream } from '../lib/http.mjs';
import { start_mjpeg, start_odd_rtsp } from '../lib/odd_camera.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { assert_plays, watch } from '../lib/watch.mjs';
import { until } from '../lib/wait.mjs';

const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-pix_fmt', 'yuv420p'];
const pattern = (seconds, rate = 30) => ['-f', 'lavfi', '-i', `testsrc=size=320x180:rate=${rate}:duration=${seconds}`];
const tone = (seconds) => ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`];

// A file in `directory`, made by ffmpeg.
async function make(directory, name, ...args) {
  const path = join(directory, name);
  const made = await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args, path]);
  assert.equal(made.code, 0, `${name}: ${made.stderr}`);
  return path;
}

// Files: [name, what makes it, whether it has sound, more variables].
const still = (motion, end) => ['-vf', `select='lt(t\\,${motion})+gt(t\\,${end})'`, '-fps_mode', 'vfr', ...x264, '-g', '1000'];
const files = [
  ['stands-for-90-s.mp4', [...pattern(93), ...tone(93), ...still(2, 91.5), '-c:a', 'aac'], true],
  ['stands-for-40-s-silent.mkv', [...pattern(43), ...still(2, 41.5)], false],
  ['every-ten-seconds.mkv', [...pattern(40, 0.1), ...tone(40), ...x264, '-fps_mode', 'vfr', '-c:a', 'aac'], true],
  ['every-ten-seconds.mp4', [...pattern(40, 0.1), ...x264, '-fps_mode', 'vfr'], false],
  ['copied-every-ten-seconds.mp4', [...pattern(40, 0.1), ...tone(40), ...x264, '-g', '1', '-fps_mode', 'vfr', '-c:a', 'aac'], true, { VIDEO_CODEC: 'copy' }],
  ['one-picture-with-music.mp4', [...tone(6), ...pattern(1, 1), ...x264, '-c:a', 'aac'], true],
  ['one-picture-with-music.mkv', [...tone(6), ...pattern(1, 1), ...x264, '-c:a', 'aac'], true],
  ['sound-longer.mp4', [...pattern(3), ...tone(6), ...x264, '-c:a', 'aac'], true],
  ['picture-longer.mp4', [...pattern(6), ...tone(3), ...x264, '-c:a', 'aac'], true],
  ['picture.png', [...pattern(1, 1), '-frames:v', '1'], false],
  ['picture.jpg', [...pattern(1, 1), '-frames:v', '1'], false],
  ['picture.webp', [...pattern(1, 1), '-frames:v', '1'], false],
  ['one-frame.gif', [...pattern(1, 1), '-frames:v', '1'], false],
  ['animated.gif', [...pattern(3, 10)], false],
  ['cover.mp3', [...tone(6), ...pattern(1, 1), '-map', '0:a', '-map', '1:v', '-c:v', 'mjpeg', '-disposition:v', 'attached_pic'], true],
];

const core_files = ['stands-for-40-s-silent.mkv', 'one-picture-with-music.mp4'];

test('files whose picture stands play on', { concurrency: 2 }, async (t) => {
  const directory = temporary_directory(t);
  await Promise.all(chosen(files, core_files).map(([name, recipe, sound, env]) => t.test(name, async (t) => {
    const watched = await watch(t, await make(directory, name, ...recipe), { seconds: 12, env });
    assert_plays(watched, { sound });
  })));
});

// The width of the newest init segment's picture.
const width_of = (viewer) => viewer.checker.video?.width;

test('a looped file that is replaced is played from the new one, in the open response', async (t) => {
  const directory = temporary_directory(t);
  const path = join(directory, 'loop.mp4');
  const sized = (name, size, ...sound) => make(directory, name, '-f', 'lavfi', '-i', `testsrc=size=${size}:rate=30:duration=2`, ...sound, ...x264, '-c:a', 'aac');
  copyFileSync(await sized('first.mp4', '320x180', ...tone(2)), path);
  const [wide, silent, last] = [await sized('wide.mp4', '480x180', ...tone(2)), await sized('silent.mp4', '400x180'), await sized('last.mp4', '240x180', ...tone(2))];
  const server = await start_server(t, { env: { VIDEO_FILE: path } });
  const viewer = open_stream(t, server);
  await viewer.media(1);
  await t.test('renamed over', async () => {
    renameSync(wide, path);
    await viewer.until('the new size', () => width_of(viewer) === 480, 8);
  });
  await t.test('written anew in place, without sound', async () => {
    copyFileSync(silent, path);
    await viewer.until('the new size', () => width_of(viewer) === 400, 8);
  });
  await t.test('a broken file, then a good one', async () => {
    writeFileSync(path, 'this is not a video');
    await until('it is named', async () => (await server.stats()).source.last_error, { seconds: 8 });
    renameSync(last, path);
    await viewer.until('the new size', () => width_of(viewer) === 240, 20);
    await server.wait_running();
  });
  await t.test('deleted and back', async () => {
    renameSync(path, `${path}.away`);
    await until('it is away', async () => /no such file/i.test((await server.stats()).source.last_error ?? ''), { seconds: 8 });
    renameSync(`${path}.away`, path);
    await server.wait_running(20);
    const known = viewer.checker.of('video').length;
    await viewer.until('pictures', () => viewer.checker.of('video').length > known + 60);
  });
  assert.equal(viewer.ended, false);
  assert.equal(viewer.error, null);
});

// Cameras: [name, pictures a second, whether it has sound].
const cameras = [
  ['RTSP, 1 a second', 1, true], ['RTSP, 0.5 a second', 0.5, false], ['RTSP, 0.1 a second', 0.1, true],
  ['MJPEG, 1 a second', 1, false], ['MJPEG, 0.1 a second', 0.1, false],
];

// The first picture of H.264 is known to be whole when the second one comes, and is asked for twice where there is no sound. Each
// picture comes at once with its repeats since the one before.
test('cameras with few pictures play', { concurrency: 2 }, async (t) => {
  const directory = temporary_directory(t);
  const h264 = await make(directory, 'clip.h264', ...pattern(3), ...x264, '-x264-params', 'aud=1:keyint=1:repeat-headers=1');
  const mjpeg = await make(directory, 'clip.mjpeg', ...pattern(3, 1), '-c:v', 'mjpeg', '-f', 'mjpeg');
  await Promise.all(chosen(cameras, ['RTSP, 1 a second', 'MJPEG, 0.1 a second']).map(([name, rate, sound]) => t.test(name, async (t) => {
    const source = name.startsWith('RTSP') ? await start_odd_rtsp(t, h264, { rate, sound }) : await start_mjpeg(t, mjpeg, rate);
    const watched = await watch(t, source, { seconds: Math.max(10, 1.5 / rate), wait: 10 + 3 / rate });
    assert_plays(watched, { sound, picture_pause: 2, picture_step: 1 });
  })));
});

test('a picture that stops beside its sound is opened again, sound that stops is not', { concurrency: 2 }, async (t) => {
  const h264 = await make(temporary_directory(t), 'clip.h264', ...pattern(3), ...x264, '-x264-params', 'aud=1:keyint=30:repeat-headers=1');
  await Promise.all([
    t.test('the picture', async (t) => {
      const source = await start_odd_rtsp(t, h264, { picture_ends: 4 });
      const server = await start_server(t, { env: { VIDEO_FILE: source, VIDEO_RESOLUTION: '320x180', SOURCE_TIMEOUT: '6' } });
      const viewer = open_stream(t, server);
      await until('the source is opened again', async () => (await server.stats()).source.restarts === 1, { seconds: 20 });
      assert.match((await server.stats()).source.last_error, /picture has stopped for 6 s, its sound goes on/);
      await server.wait_running();
      assert.equal(viewer.error, null);
      assert.equal(viewer.ended, false);
    }),
    t.test('the sound', async (t) => {
      const source = await start_odd_rtsp(t, h264, { sound_ends: 4 });
      const watched = await watch(t, source, { seconds: 12, env: { SOURCE_TIMEOUT: '6' } });
      assert_plays(watched, { sound: true });
      assert.match(watched.stats.source.warning, /sound has stopped/);
    }),
  ]);
});
