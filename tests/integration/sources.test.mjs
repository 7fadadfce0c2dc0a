// Every kind of source that one machine can offer, from a real server or sender: looping, pacing and following as in the
// table of sources, and the messages of sources that do not play.
import assert from 'node:assert/strict';
import { copyFileSync, createReadStream, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { run } from '../lib/process.mjs';
import { run_server, start_server, temporary_directory } from '../lib/server.mjs';
import { free_port, start_http, start_live_hls, start_nginx, start_recording, start_rtmp, start_rtsp, start_srt, start_tcp, start_udp } from '../lib/sources.mjs';
import { until } from '../lib/wait.mjs';

const small = { VIDEO_RESOLUTION: '320x180' };

// Serves `source`, watches `seconds` of it and returns {server, viewer, stats}; fails on a hole or on a pace that is not
// real time.
async function watch(t, source, { seconds = 4, env = small, kind, sound = true, picture = true, longest_hole = 0.1, pace = true, restarts = 0 } = {}) {
  const server = await start_server(t, { env: { VIDEO_FILE: source, ...env }, ready: false });
  await server.wait_running(30);
  const viewer = open_stream(t, server);
  await viewer.media(seconds, seconds + 25);
  assert.equal(Boolean(viewer.checker.audio), sound, 'sound');
  assert.equal(Boolean(viewer.checker.video), picture, 'picture');
  const holes = viewer.checker.gaps(longest_hole);
  assert.deepEqual(holes, []);
  if (pace) {
    const settled = viewer.checker.of('video').filter((fragment) => fragment.at > viewer.opened_at + 1000);
    if (settled.length > 60) {
      const speed = (settled.at(-1).start_s - settled[0].start_s) / ((settled.at(-1).at - settled[0].at) / 1000);
      assert.ok(speed > 0.8 && speed < 1.25, `${speed} times real time`);
    }
  }
  const stats = await server.stats();
  if (kind) assert.equal(stats.source.kind, kind);
  assert.ok(stats.source.restarts <= restarts, stats.source.last_error);
  return { server, viewer, stats };
}

test('a file loops in real time', async (t) => {
  const { viewer } = await watch(t, await clip('clip.mp4'), { seconds: 9, kind: 'file', longest_hole: 0.004 });
  assert.ok(viewer.checker.seconds() > 8, 'two loops of 4 s');
});

test('a file whose name looks like an option or a protocol is a file', async (t) => {
  const cwd = temporary_directory(t);
  for (const name of ['-y.mp4', 'a b\'c"d:e.mp4', 'concat:x.mp4']) {
    copyFileSync(await clip('clip.mp4'), join(cwd, name));
    const server = await start_server(t, { env: { ...small, VIDEO_FILE: name }, cwd });
    assert.equal((await server.stats()).source.kind, 'file');
    await server.stop();
  }
});

test('a playlist that calls itself a video opens no other file', async (t) => {
  const cwd = temporary_directory(t);
  copyFileSync(await clip('interlaced.ts'), join(cwd, 'secret.ts'));
  writeFileSync(join(cwd, 'evil.mp4'), '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.ts\n#EXT-X-ENDLIST\n');
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: 'evil.mp4' }, cwd, ready: false });
  await until('it is refused', async () => (await server.stats()).source.last_error);
  assert.equal((await server.stats()).stream.fragments, 0);
});

test('RTSP, over TCP', async (t) => {
  const camera = await start_rtsp(t);
  const { server } = await watch(t, camera.url(), { kind: 'network', longest_hole: 0.25 });
  const { arguments: argv } = server.ffmpeg();
  assert.equal(argv[argv.indexOf('-rtsp_transport') + 1], 'tcp');
  assert.ok(!argv.includes('-stream_loop') && !argv.includes('-re'));
});

test('RTSP without sound, with a password', async (t) => {
  const camera = await start_rtsp(t, { user: 'admin', password: 'hunter2' });
  const { server } = await watch(t, camera.url('/video'), { kind: 'network', sound: false, longest_hole: 0.25 });
  assert.doesNotMatch(server.stderr + JSON.stringify(await server.stats()), /hunter2/);
});

for (const [name, start, port_kind, url] of [
  ['RTMP', start_rtmp, 'tcp', (port) => `rtmp://127.0.0.1:${port}/live/camera`],
  ['SRT', start_srt, 'udp', (port) => `srt://127.0.0.1:${port}`],
  ['MPEG-TS over UDP', start_udp, 'udp', (port) => `udp://127.0.0.1:${port}`],
  ['MPEG-TS over TCP', start_tcp, 'tcp', (port) => `tcp://127.0.0.1:${port}`],
]) {
  test(name, async (t) => {
    const port = await free_port(port_kind);
    await start(t, port);
    const server = await start_server(t, { env: { ...small, VIDEO_FILE: url(port) }, ready: false });
    await server.wait_running(30);
    const viewer = open_stream(t, server);
    await viewer.media(4, 30);
    assert.ok(viewer.checker.video && viewer.checker.audio);
    assert.deepEqual(viewer.checker.gaps(0.25), []);
    assert.equal((await server.stats()).source.kind, 'network');
    const { arguments: argv } = server.ffmpeg();
    assert.ok(!argv.includes('-stream_loop') && !argv.includes('-re'), 'neither looped nor paced');
  });
}

test('live HLS is neither looped nor paced, and a browser seems to ask for it', async (t) => {
  const folder = temporary_directory(t);
  await start_live_hls(t, folder);
  const source = await start_http(t, (request, response) => {
    const path = join(folder, new URL(request.url, 'http://x').pathname);
    if (!existsSync(path)) return void response.writeHead(404).end();
    createReadStream(path).on('error', () => response.destroy()).pipe(response);
  });
  await until('a playlist', () => existsSync(join(folder, 'live.m3u8')) && /\.ts/.test(readFileSync(join(folder, 'live.m3u8'), 'utf8')));
  const { server } = await watch(t, `${source.url}/live.m3u8`, { seconds: 8, kind: 'http', pace: false });
  assert.match(source.requests[0].headers['user-agent'], /^Mozilla\/5\.0/);
  assert.ok(!server.ffmpeg().arguments.includes('-stream_loop'));
});

test('a finite file over HTTP is paced and looped', async (t) => {
  const nginx = await start_nginx(t, '');
  copyFileSync(await clip('clip.mp4'), join(nginx.html, 'clip.mp4'));
  const { server, viewer } = await watch_restarting(t, `${nginx.url}/clip.mp4`, 10);
  assert.ok(viewer.checker.seconds() > 9, 'more than two loops of 4 s');
  assert.equal((await server.stats()).source.kind, 'http');
});

test('a finite HLS playlist is paced and looped', async (t) => {
  const nginx = await start_nginx(t, '');
  const made = await run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-i', await clip('copyable.mp4'), '-c', 'copy', '-f', 'hls', '-hls_time', '1', '-hls_playlist_type', 'vod', join(nginx.html, 'vod.m3u8')]);
  assert.equal(made.code, 0, made.stderr);
  // ffmpeg cannot begin a playlist again by itself: the server starts it for each loop.
  const { viewer } = await watch_restarting(t, `${nginx.url}/vod.m3u8`, 10, 4);
  assert.ok(viewer.checker.seconds() > 9, 'more than two loops of 4 s');
});

// The server learns that an HTTP source is finite only after opening it, and may then start ffmpeg once more.
async function watch_restarting(t, source, seconds, restarts = 1) {
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: source }, ready: false });
  await server.wait_running(30);
  const viewer = open_stream(t, server);
  const started = Date.now();
  await viewer.media(seconds, seconds + 25);
  const took = (Date.now() - started) / 1000;
  assert.ok(took > seconds - 2.5, `${seconds} s of media in ${took} s: not paced`);
  assert.ok((await server.stats()).source.restarts <= restarts);
  assert.deepEqual(viewer.checker.gaps(0.5), []);
  return { server, viewer };
}

for (const [name, args] of [['recording.mkv', []], ['recording.ts', []], ['recording.mp4', ['-movflags', 'frag_keyframe+empty_moov+default_base_moof']]]) {
  test(`a growing ${name} is followed as it grows`, async (t) => {
    const path = join(temporary_directory(t), name);
    await start_recording(t, path, args);
    await until('some of it is written', () => existsSync(path) && statSync(path).size > 200_000);
    const { viewer, server } = await watch(t, path, { seconds: 9, env: { ...small, GROWING_FILE: '1' }, kind: 'growing_file', longest_hole: 0.25 });
    assert.ok(viewer.checker.seconds() > 8, 'beyond what was there at the start');
    assert.equal((await server.stats()).source.restarts, 0, 'not looped');
  });
}

test('a plain MP4 that is still being written gets an error that names the formats to record instead', async (t) => {
  const path = join(temporary_directory(t), 'recording.mp4');
  await start_recording(t, path);
  await until('some of it is written', () => existsSync(path) && statSync(path).size > 100_000);
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: path, GROWING_FILE: '1' }, ready: false });
  const message = await until('the error', async () => (await server.stats()).source.last_error);
  assert.match(message, /mkv|matroska/i);
  assert.match(message, /fragmented/i);
  assert.ok(server.stderr.includes(message.slice(0, 40)));
});

for (const [name, what, expected] of [
  ['ten-bit.mp4', '10-bit', [640, 360]],
  ['odd.mkv', 'odd sizes', [852, 478]],
  ['rotated.mp4', 'rotated', [360, 640]],
  ['interlaced.ts', 'interlaced', [1024, 576]],
  ['vfr.mkv', 'variable frame rate', [640, 360]],
  ['hevc.mp4', 'HEVC', [640, 360]],
]) {
  test(`${what} plays at ${expected.join('x')} and 30 frames a second`, async (t) => {
    const { viewer, stats } = await watch(t, await clip(name), { env: {}, seconds: 5, kind: 'file', longest_hole: 0.05, restarts: 1 });  // one, when the command depends on what ffmpeg found
    assert.deepEqual([viewer.checker.video.width, viewer.checker.video.height], expected);
    const video = viewer.checker.of('video');
    const fps = (video.length - 1) / (video.at(-1).start_s - video[0].start_s);
    assert.ok(Math.abs(fps - 30) < 0.7, `${fps}`);
    const { codec } = stats.stream.tracks.find((track) => track.kind === 'video');
    assert.match(codec, /^avc1\.42/);
  });
}

test('a URL whose scheme is not served is an error of form', async (t) => {
  const { code, stderr } = await run_server(t, { env: { VIDEO_FILE: 'gopher://example/x' } });
  assert.equal(code, 2);
  assert.match(stderr, /gopher/);
  assert.match(stderr, /rtsp/);
});

test('a source that refuses is reported and retried while the server serves', async (t) => {
  const port = await free_port();
  const server = await start_server(t, { env: { VIDEO_FILE: `rtsp://127.0.0.1:${port}/camera` }, ready: false });
  const { source } = await until('an error', async () => {
    const stats = await server.stats();
    return stats.source.last_error && stats;
  });
  assert.match(source.last_error, /refused/i);
  await until('it is tried again', async () => (await server.stats()).source.restarts >= 1);
});
