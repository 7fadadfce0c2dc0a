// Sources whose clocks are wrong or whose tracks differ in length: both tracks advance one second a second, and picture and
// sound stay together. The tests of a kind run at the same time, because they wait most of theirs.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { start_mjpeg, start_odd_rtsp, start_raw_h264 } from '../lib/odd_camera.mjs';
import { chosen } from '../lib/members.mjs';
import { run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const together = { concurrency: 2 };

// A flash and a beep at each whole second; `sounds` says when there is a beep.
const flashes = (seconds) => ['-f', 'lavfi', '-i', `color=black:size=160x90:rate=30:duration=${seconds},drawbox=c=white:t=fill:enable='lt(mod(t\\,1)\\,0.1)'`];
const beeps = (seconds) => ['-f', 'lavfi', '-i', `aevalsrc=exprs='0.5*sin(2*PI*880*t)*lt(mod(t\\,1)\\,0.1)':sample_rate=48000:duration=${seconds}`];
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '30'];

async function make(t, name, args) {
  const path = join(temporary_directory(t), name);
  const made = await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args, path]);
  assert.equal(made.code, 0, made.stderr);
  return path;
}
const raw = [...x264, '-x264-params', 'aud=1:keyint=30:repeat-headers=1', '-f', 'h264'];
const flash_clip = (t) => make(t, 'clip.h264', [...flashes(10), ...raw]);
// Pictures of more than a kilobyte: ffmpeg reads a raw stream in pieces of this size.
const raw_clip = (t) => make(t, 'clip.h264', ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30:duration=10', ...raw]);

// Plays `source`, and from `after` seconds on records it for `seconds`.
async function play(t, source, { after = 0, seconds = 8, env = {} } = {}) {
  const server = await start_server(t, { env: { VIDEO_FILE: source, VIDEO_RESOLUTION: '160x90', ...env } });
  await sleep(after * 1000);
  const record = join(temporary_directory(t), 'stream.mp4');
  const viewer = open_stream(t, server, { record });
  await viewer.until('the first fragment', () => viewer.checker.fragments.length > 0);
  await sleep(seconds * 1000);
  assert.equal(viewer.error, null);
  const { source: status } = await server.stats();
  await viewer.close();
  return { server, viewer, record, status };
}

// The picture advances one second a second, but for the burst of the first one, and the sound is beside it at each moment.
function expect_real_time({ viewer }, { sound = true } = {}) {
  const settled = viewer.first_byte_at + 1500;
  const pictures = viewer.checker.of('video').filter((fragment) => fragment.at > settled);
  assert.ok(pictures.length > 3, `${pictures.length} pictures`);
  const media = pictures.at(-1).start_s - pictures[0].start_s;
  const wall = (pictures.at(-1).at - pictures[0].at) / 1000;
  // Two pictures a second come half a second apart.
  assert.ok(Math.abs(media - wall) < 0.5 + wall * 0.05, `the picture advances ${media.toFixed(2)} s in ${wall.toFixed(2)} s`);
  if (!sound) return;
  const ends = { video: undefined, audio: undefined };
  for (const fragment of viewer.checker.fragments) {
    ends[fragment.kind] = fragment.end_s;
    if (fragment.at < settled) continue;
    assert.ok(Math.abs(ends.video - ends.audio) < 2.5, `the picture ends at ${ends.video}, the sound at ${ends.audio}`);
  }
}
function expect_whole_sound({ viewer }) {
  assert.deepEqual(viewer.checker.gaps(0.03).filter((gap) => gap.kind === 'audio'), []);
}

// How far each beep is from the flash next to it, in seconds.
async function beeps_after_flashes({ record }) {
  const level = async (source, tag, threshold) => {
    const probed = await run('ffprobe', ['-v', 'error', '-f', 'lavfi', '-i', source, '-show_entries', `frame=pts_time:frame_tags=${tag}`, '-of', 'csv=p=0']);
    assert.equal(probed.code, 0, probed.stderr);
    const rows = probed.stdout.toString().trim().split('\n').map((line) => line.split(',')).map(([at, value]) => [Number(at), value === '-inf' ? -200 : Number(value)]);
    return rows.filter(([, value], n) => n > 0 && value >= threshold && rows[n - 1][1] < threshold).map(([at]) => at);
  };
  const seen = await level(`movie=${record},signalstats`, 'lavfi.signalstats.YAVG', 110);
  const heard = await level(`amovie=${record},astats=metadata=1:reset=1`, 'lavfi.astats.Overall.RMS_level', -35);
  const nearest = heard.map((beep) => seen.map((flash) => beep - flash).reduce((one, other) => (Math.abs(one) < Math.abs(other) ? one : other), Infinity));
  // A beep before the first flash, or while the picture is missing, has none beside it.
  return nearest.filter((offset) => Math.abs(offset) < 0.5);
}
async function expect_sync(played, { fewest, within_s = 0.05 }) {
  const offsets = await beeps_after_flashes(played);
  assert.ok(offsets.length >= fewest, `${offsets.length} beeps`);
  for (const offset of offsets) assert.ok(Math.abs(offset) <= within_s, `beeps come ${offsets.map((s) => s.toFixed(3))} s after their flashes`);
}

describe('files whose tracks differ', together, () => {
  const members = [
    ['sound that begins 2.6 s late', ['-filter_complex', '[1:a]atrim=start=2.6[a]', '-map', '0:v', '-map', '[a]'], 4],
    ['sound that ends after 3 s', ['-filter_complex', '[1:a]atrim=end=3[a]', '-map', '0:v', '-map', '[a]'], 2],
    ['sound that ends and comes back', ['-filter_complex', "[1:a]aselect='lt(t,2)+gt(t,5)'[a]", '-map', '0:v', '-map', '[a]'], 4],
    ['a picture that begins 1.6 s late', ['-filter_complex', '[0:v]trim=start=1.6[v]', '-map', '[v]', '-map', '1:a'], 4],
  ];
  for (const [what, filter, fewest] of chosen(members, ['sound that ends and comes back'])) {
    test(what, async (t) => {
      const path = await make(t, 'clip.mkv', [...flashes(7), ...beeps(7), ...filter, ...x264, '-c:a', 'aac']);
      // Into the second pass of the loop.
      const played = await play(t, path, { seconds: 11 });
      expect_real_time(played);
      expect_whole_sound(played);
      await expect_sync(played, { fewest });
    });
  }
});

describe('cameras whose sound has another clock', together, () => {
  let seed = 1;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const members = [
    ['is slow', { sound_stamp: (s) => s * 0.9 }, {}],
    ['is fast', { sound_stamp: (s) => s * 1.1 }, {}],
    ['jitters by 200 ms', { sound_stamp: (s) => s + 1 + (random() - 0.5) * 0.4 }, { within_s: 0.3 }],
    ['comes in bursts of half a second', { sound_burst: 25 }, { within_s: 0.3 }],
  ];
  for (const [what, camera, sync] of chosen(members, ['is slow'])) {
    test(what, async (t) => {
      const played = await play(t, await start_odd_rtsp(t, await flash_clip(t), camera), { seconds: 10 });
      expect_real_time(played);
      expect_whole_sound(played);
      assert.equal(played.status.warning, null);
      assert.equal(played.status.restarts, 0);
      await expect_sync(played, { fewest: 8, within_s: 0.15, ...sync });
    });
  }
  // Without RTCP the stamps of both tracks begin together.
  test('begins four seconds late', async (t) => {
    const played = await play(t, await start_odd_rtsp(t, await flash_clip(t), { sound_late: 4, sound_stamp: (s) => s - 4 }), { seconds: 12 });
    expect_real_time(played);
    expect_whole_sound(played);
    assert.match(played.server.stderr, /times of the source's sound and picture differ/);
  });
});

describe('live sources whose stamps lose time', together, () => {
  const jpegs = (t) => make(t, 'clip.mjpeg', [...flashes(4), '-c:v', 'mjpeg', '-f', 'mjpeg']);
  const rtsp = async (t, picture_stamp) => start_odd_rtsp(t, await flash_clip(t), { sound: false, picture_stamp });
  const members = [
    ['MJPEG, ten pictures a second', async (t) => start_mjpeg(t, await jpegs(t), 10), /no time stamps/],
    ['MJPEG, two pictures a second', async (t) => start_mjpeg(t, await jpegs(t), 2), /no time stamps/],
    ['raw H.264 at half its rate', async (t) => start_raw_h264(t, await raw_clip(t), 15), /no time stamps/],
    ['raw H.264 at twice its rate', async (t) => start_raw_h264(t, await raw_clip(t), 60), /no time stamps/],
    ['RTSP whose stamps stand still', (t) => rtsp(t, () => 5), /do not keep time/],
    ['RTSP whose stamps are half as fast', (t) => rtsp(t, (s) => s / 2), /do not keep time/],
    ['RTSP whose stamps leap by an hour', (t) => rtsp(t, (s) => (s < 4 ? s : s + 3600)), /do not keep time/],
  ];
  for (const [what, start, told] of chosen(members, ['MJPEG, two pictures a second', 'raw H.264 at half its rate', 'RTSP whose stamps stand still'])) {
    test(what, async (t) => {
      const server = await start_server(t, { env: { VIDEO_FILE: await start(t), VIDEO_RESOLUTION: '160x90' } });
      await until('the stamps are replaced', async () => told.test((await server.stats()).source.notes.join()), { seconds: 20 });
      await server.wait_running();
      const viewer = open_stream(t, server);
      await viewer.media(2);
      await sleep(6000);
      assert.equal(viewer.error, null);
      expect_real_time({ viewer }, { sound: false });
      const { source } = await server.stats();
      assert.equal(source.restarts, 0, source.last_error);
    });
  }
});
