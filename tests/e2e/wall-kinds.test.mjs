// The wall of sixteen cameras, each another kind of source. Those that cannot be passed through are encoded small.
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { open_page, start_browser } from '../lib/browser.mjs';
import { clip } from '../lib/media.mjs';
import { start_mjpeg } from '../lib/odd_camera.mjs';
import { run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { free_port, start_camera, start_ffmpeg, start_http, start_nginx, start_rtsp } from '../lib/sources.mjs';
import { sleep, until } from '../lib/wait.mjs';

const encoded = { video_codec: 'libx264', video_preset: 'ultrafast', video_resolution: '320x180', video_fps: 10 };

// {name: settings} of sixteen streams; what they read lives until the test ends.
async function sources_of(t, folder) {
  const file = await clip('10fps.mp4');
  const send = (...output) => start_ffmpeg(t, ['-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', ...output]);
  const make = async (name, ...args) => {
    const made = await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-i', file, ...args, join(folder, name)]);
    assert.equal(made.code, 0, made.stderr);
    return join(folder, name);
  };
  const [rtmp, srt, udp, tcp] = await Promise.all([free_port(), free_port('udp'), free_port('udp'), free_port()]);
  send('-f', 'flv', '-listen', '1', `rtmp://127.0.0.1:${rtmp}/live/camera`);
  send('-f', 'mpegts', `srt://127.0.0.1:${srt}?mode=listener`);
  send('-f', 'mpegts', `udp://127.0.0.1:${udp}?pkt_size=1316`);
  await start_camera(t, tcp, ['-re', '-stream_loop', '-1', '-i', file, '-c', 'copy']);
  send('-flush_packets', '1', join(folder, 'growing.mkv'));
  const rtsp = await start_rtsp(t);
  const nginx = await start_nginx(t, '');
  copyFileSync(file, join(nginx.html, 'clip.mp4'));
  send('-f', 'hls', '-hls_time', '1', '-hls_list_size', '4', '-hls_flags', 'delete_segments+omit_endlist', join(nginx.html, 'live.m3u8'));
  const jpeg = await make('still.jpg', '-frames:v', '1', '-s', '320x180');
  const mjpeg = await start_mjpeg(t, await make('clip.mjpeg', '-c:v', 'mjpeg', '-s', '320x180', '-f', 'mjpeg'), 10);
  const endless = await start_http(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'video/mp2t' });
    const sender = start_ffmpeg(t, ['-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', '-f', 'mpegts', 'pipe:1']);
    sender.child.stdout.pipe(response);
    response.on('close', () => sender.stop());
  });
  await sleep(2000);
  return {
    mp4: file,
    rtsp: rtsp.url('/video'),
    rtmp: `rtmp://127.0.0.1:${rtmp}/live/camera`,
    srt: `srt://127.0.0.1:${srt}`,
    udp: `udp://127.0.0.1:${udp}`,
    tcp: `tcp://127.0.0.1:${tcp}`,
    http: `${nginx.url}/clip.mp4`,
    'hls-live': `${nginx.url}/live.m3u8`,
    'http-ts': `${endless.url}/live.ts`,
    growing: join(folder, 'growing.mkv'),
    flv: await make('clip.flv', '-c', 'copy'),
    ts: await make('clip.ts', '-c', 'copy'),
    'camera-mjpeg': { source: mjpeg, ...encoded },
    picture: { source: jpeg, ...encoded },
    webm: { source: await make('clip.webm', '-c:v', 'libvpx', '-deadline', 'realtime', '-s', '320x180', '-t', '4'), ...encoded },
    hevc: { source: await make('clip.mkv', '-c:v', 'libx265', '-preset', 'ultrafast', '-s', '320x180', '-x265-params', 'log-level=error'), ...encoded },
  };
}

test('the wall plays sixteen streams of sixteen kinds at once', async (t) => {
  const cwd = temporary_directory(t);
  const streams = await sources_of(t, cwd);
  writeFileSync(join(cwd, 'livestream.yml'), JSON.stringify({ defaults: { video_codec: 'copy', audio: 'off' }, streams }));
  const server = await start_server(t, { cwd, ready: false });
  const listed = async () => (await (await fetch(`${server.url}/streams.json`)).json()).streams;
  await until('all sources run', async () => (await listed()).every(({ state }) => state === 'running'), { seconds: 60, every_ms: 200 })
    .catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await listed())}\n${server.stderr.slice(-3000)}`); });
  const page = await open_page(await start_browser(t, { viewport: { width: 1280, height: 800 } }), server.url);
  const players = () => page.evaluate(() => Object.fromEntries([...document.querySelectorAll('live-player')].map((player) =>
    [player.getAttribute('src').split('/')[0], { state: player.state, time: player.video?.currentTime ?? 0, width: player.video?.videoWidth ?? 0 }])));
  // Within the same five seconds each plays on for at least three.
  await until('all play', async () => {
    const before = await players();
    await sleep(5000);
    const after = await players();
    return Object.keys(streams).every((name) => before[name] && after[name].width > 0 && after[name].time - before[name].time >= 3);
  }, { seconds: 60 }).catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await players())}`); });
  if (process.env.LIVESTREAM_TEST_SHOTS) await page.screenshot({ path: join(process.env.LIVESTREAM_TEST_SHOTS, 'wall-kinds.png') });
  assert.deepEqual(page.problems, []);
});
