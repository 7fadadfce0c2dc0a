// Slow is not dead: sources that answer late play, receivers wait for their senders, and sources that hang up again and
// again are opened at the pace of the back-off. The tests of a kind run at the same time, because they wait most of theirs.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { start_odd_rtsp } from '../lib/odd_camera.mjs';
import { run } from '../lib/process.mjs';
import { sanitized, start_server, temporary_directory } from '../lib/server.mjs';
import { send_mpegts, start_late_proxy, start_late_relay } from '../lib/slow_sources.mjs';
import { free_port, start_ffmpeg, start_http, start_live_hls, start_rtmp, start_srt } from '../lib/sources.mjs';
import { start_tcp_server } from '../lib/tcp_server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const long = Boolean(process.env.LIVESTREAM_LONG);
const small = { VIDEO_RESOLUTION: '160x90', SLATE: '0', WORKERS: '1' };

async function make(t, name, args) {
  const path = join(temporary_directory(t), name);
  const made = await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args, path]);
  assert.equal(made.code, 0, made.stderr);
  return path;
}
// Made in advance, so that its encoder does not slow the tests down.
const everyday = await clip('copyable.mp4');
const picture = (rate, seconds, size = '160x90') => ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`];
const sine = (seconds) => ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`];
const x264 = (gop) => ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p',
  '-x264-params', `aud=1:keyint=${gop}:min-keyint=${gop}:scenecut=0:repeat-headers=1`];

// A keyframe every 25 s, 5 pictures a second.
const long_gops = (t, name, ...format) => make(t, name, [...picture(5, 60), ...x264(125), ...format]);

// Plays `source` until pictures have come, at the latest after `seconds`, and then 3 s more without a restart.
async function plays(t, source, { seconds, env = {} }) {
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: source, ...env }, ready: false });
  await server.wait_running(seconds);
  const { restarts } = (await server.stats()).source;
  const viewer = open_stream(t, server, { check: false });
  await sleep(3000);
  const { source: after } = await server.stats();
  assert.equal(after.state, 'running', after.last_error ?? '');
  assert.equal(after.restarts, restarts);
  assert.ok(viewer.bytes > 1000, `${viewer.bytes} bytes`);
  return server;
}

const late_http = async (t, seconds) => {
  const { url } = await start_http(t, async (request, response) => {
    await sleep(seconds * 1000);
    if (response.destroyed) return;
    response.writeHead(200, { 'Content-Type': 'video/mp2t' });
    send_mpegts(t, response, everyday);
  });
  return `${url}/live.ts`;
};

describe('sources that answer late play', { concurrency: 6 }, () => {
  for (const seconds of [6, 12]) {
    test(`HTTP, first byte after ${seconds} s`, async (t) => {
      const server = await plays(t, await late_http(t, seconds), { seconds: seconds + 10 });
      assert.equal((await server.stats()).source.restarts, 0);
    });
  }

  test('HTTP, first byte after 20 s, longer than an attempt may take: a later attempt waits for it', async (t) => {
    await plays(t, await late_http(t, 20), { seconds: 60 });
  });

  test('RTSP, DESCRIBE after 9 s', async (t) => {
    const camera = await start_odd_rtsp(t, await make(t, 'clip.h264', [...picture(30, 10), ...x264(30), '-f', 'h264']), { describe_after: 9 });
    const server = await plays(t, camera, { seconds: 25 });
    assert.equal((await server.stats()).source.restarts, 0);
  });

  test('RTMP, handshake after 8 s', async (t) => {
    const port = await free_port();
    await start_rtmp(t, port);
    const proxy = await start_late_proxy(t, port, 8);
    await plays(t, `rtmp://127.0.0.1:${proxy.port}/live/camera`, { seconds: 25 });
  });

  test('SRT, handshake after 6 s', async (t) => {
    const port = await free_port('udp');
    await start_srt(t, port);
    await plays(t, `srt://127.0.0.1:${await start_late_relay(t, port, 6)}`, { seconds: 25 });
  });

  test('HLS whose first segment comes after 10 s', async (t) => {
    const directory = temporary_directory(t);
    await start_live_hls(t, directory);
    await until('a segment', () => existsSync(join(directory, 'live.m3u8')), { seconds: 20 });
    let asked;
    const { url } = await start_http(t, async (request, response) => {
      const path = join(directory, request.url);
      if (/\.ts/.test(path)) await sleep((asked ??= Date.now() + 10_000) - Date.now());
      if (response.destroyed) return;
      response.writeHead(existsSync(path) ? 200 : 404);
      response.end(existsSync(path) ? readFileSync(path) : '');
    });
    await plays(t, `${url}/live.m3u8`, { seconds: 35, env: { SOURCE_ADDRESSES: 'any' } });
  });

  for (const codec of ['libx264', 'copy']) {
    test(`RTSP joined in the middle of a GOP of 25 s, VIDEO_CODEC=${codec}`, async (t) => {
      const camera = await start_odd_rtsp(t, await long_gops(t, 'gops.h264', '-f', 'h264'), { rate: 5, first: 25, sound: false });
      await plays(t, camera, { seconds: 40, env: { VIDEO_CODEC: codec } });
    });

    // Untouched pictures need two minutes: ffmpeg looks for their size in two short analyses and a long one.
    if (codec === 'copy' && !long) continue;
    test(`MPEG-TS joined in the middle of a GOP of 25 s, VIDEO_CODEC=${codec}`, async (t) => {
      const path = await long_gops(t, 'gops.ts');
      const { port } = await start_tcp_server(t, (socket) => send_mpegts(t, socket, path, { skip: 5 }));
      await plays(t, `tcp://127.0.0.1:${port}`, { seconds: codec === 'copy' ? 130 : 60, env: { VIDEO_CODEC: codec } });
    });
  }

  test('SOURCE_TIMEOUT=2 gives up after 2 s, then after 4 s', async (t) => {
    const at = [];
    const { port } = await start_tcp_server(t, () => at.push(Date.now()));
    const server = await start_server(t, { env: { ...small, VIDEO_FILE: `tcp://127.0.0.1:${port}`, SOURCE_TIMEOUT: '2' }, ready: false });
    await until('the words', async () => /for 2 s/.test((await server.stats()).source.last_error ?? ''), { seconds: 4 });
    await until('three attempts', () => at.length >= 3, { seconds: 15 });
    // Each with the back-off of about a second and then two.
    assert.ok(at[1] - at[0] > 2500 && at[1] - at[0] < 4500, `${at[1] - at[0]} ms`);
    assert.ok(at[2] - at[1] > 5000 && at[2] - at[1] < 8000, `${at[2] - at[1]} ms`);
  });

  test('SOURCE_TIMEOUT=60 waits', async (t) => {
    const { port, count } = await start_tcp_server(t, () => {});
    await start_server(t, { env: { ...small, VIDEO_FILE: `tcp://127.0.0.1:${port}`, SOURCE_TIMEOUT: '60' }, ready: false });
    await sleep(25_000);
    assert.equal(count(), 1);
  });
});

// Each kind of receiver: the source, and the sender's address and format.
const receivers = {
  UDP: async () => free_port('udp').then((port) => [`udp://127.0.0.1:${port}`, ['-f', 'mpegts', `udp://127.0.0.1:${port}?pkt_size=1316`]]),
  RTP: async () => free_port('udp').then((port) => [`rtp://127.0.0.1:${port}`, ['-f', 'rtp_mpegts', `rtp://127.0.0.1:${port}`]]),
  'SRT listener': async () => free_port('udp').then((port) => [`srt://127.0.0.1:${port}?mode=listener`, ['-f', 'mpegts', `srt://127.0.0.1:${port}`]]),
  'TCP listener': async () => free_port().then((port) => [`tcp://127.0.0.1:${port}?listen`, ['-f', 'mpegts', `tcp://127.0.0.1:${port}`]]),
  multicast: async () => free_port('udp').then((port) => [`udp://239.255.77.1:${port}?localaddr=127.0.0.1`,
    ['-f', 'mpegts', `udp://239.255.77.1:${port}?pkt_size=1316&localaddr=127.0.0.1&ttl=0`]]),
};

// Starts a sender, and tries again as users do, until the server has a picture from it: {sender, ms}.
async function send(t, server, input, output) {
  const began = Date.now();
  const pictures = async () => (await server.stats()).source.state === 'running';
  let sender = start_ffmpeg(t, ['-re', ...input, ...output]);
  await until('the picture', async () => {
    if (sender.child.exitCode !== null) sender = start_ffmpeg(t, ['-re', ...input, ...output]);
    return pictures();
  }, { seconds: 20 });
  return { sender, ms: Date.now() - began };
}

const waits = (server) => until('it says that it waits', async () => {
  const { state, last_error, retry_in_seconds } = (await server.stats()).source;
  return state === 'waiting' && retry_in_seconds === null && /waiting for a sender/.test(last_error ?? '');
}, { seconds: 15 });

describe('receivers wait for their sender', { concurrency: 3 }, () => {
  for (const [name, make_receiver] of Object.entries(receivers)) {
    test(`${name}: a picture within 2 s of the sender's start, and again of the next one's`, async (t) => {
      const loop = (path) => ['-stream_loop', '-1', '-i', path, '-c', 'copy'];
      const other = [...picture(25, 10, '320x240'), ...x264(25), '-bf', '0'];
      const senders = [
        [loop(everyday), 2000],
        [loop(await make(t, 'other.ts', [...other.slice(0, 4), ...sine(10), ...other.slice(4), '-c:a', 'aac'])), 2000],
        // Other tracks cost a second opening.
        [loop(await make(t, 'silent.ts', other)), 4000],
      ];
      const [source, output] = await make_receiver();
      const server = await start_server(t, { env: { ...small, VIDEO_FILE: source }, ready: false });
      await waits(server);
      if (long) await sleep(75_000);
      // Those without a connection notice only after some seconds that their sender has left.
      const is_quick = /listener/.test(name);
      for (const [input, limit] of is_quick || long ? senders : senders.slice(0, 2)) {
        await waits(server);
        if (long && input === senders[0][0]) await sleep(75_000);
        const { sender, ms } = await send(t, server, input, output);
        t.diagnostic(`${ms} ms`);
        assert.ok(ms <= limit * (sanitized ? 4 : 1), `${ms} ms`);
        if (input === senders[0][0]) assert.equal((await server.stats()).source.restarts, 0);
        await sleep(1500);
        await sender.stop();
        await until('the sender is missed', async () => (await server.stats()).source.state !== 'running', { seconds: 10 });
      }
      const lines = server.stderr.split('\n').filter((line) => /source (silent|away|not there)/.test(line));
      assert.ok(lines.length <= 12, lines.join('\n'));
    });
  }

  test('a port in use is named once with the cure', async (t) => {
    const { port } = await start_tcp_server(t, () => {});
    const server = await start_server(t, { env: { ...small, VIDEO_FILE: `tcp://127.0.0.1:${port}?listen` }, ready: false });
    await until('the words', async () => /port is used by another program/.test((await server.stats()).source.last_error ?? ''), { seconds: 7 });
    await sleep(6000);
    assert.equal(server.stderr.split('\n').filter((line) => /source away/.test(line)).length, 1, server.stderr);
  });
});

const hang_ups = {
  'RTSP that closes after a second': async (t) => {
    const path = await make(t, 'clip.h264', [...picture(30, 3), ...x264(30), '-f', 'h264']);
    return start_odd_rtsp(t, path, { seconds: 1, sound: false });
  },
  'TCP that gives a second and closes': async (t) => {
    const part = readFileSync(await make(t, 'part.ts', [...picture(30, 1.2), ...x264(15)]));
    return `tcp://127.0.0.1:${(await start_tcp_server(t, (socket) => { socket.write(part); setTimeout(() => socket.end(), 1000); })).port}`;
  },
  'TCP that closes every second connection at once': async (t) => {
    const part = readFileSync(await make(t, 'part.ts', [...picture(30, 1.2), ...x264(15)]));
    return `tcp://127.0.0.1:${(await start_tcp_server(t, (socket, number) => (number % 2 ? socket.destroy() : socket.end(part)))).port}`;
  },
  'HTTP that answers 200 with 0 bytes': async (t) => {
    const { url } = await start_http(t, (request, response) => { response.writeHead(200, { 'Content-Type': 'video/mp2t' }); response.end(); });
    return `${url}/live.ts`;
  },
  'HTTP that is live for a second': async (t) => {
    const camera = await start_tcp_server(t, (socket) => socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n');
      send_mpegts(t, socket, everyday);
      setTimeout(() => socket.end(), 1200);
    }));
    return `http://127.0.0.1:${camera.port}/live.ts`;
  },
  'RTMP that drops': async (t) => `rtmp://127.0.0.1:${(await start_tcp_server(t, (socket) => setTimeout(() => socket.destroy(), 100))).port}/live/x`,
};

describe('restarts are rationed', { concurrency: 7 }, () => {
  for (const [name, start] of Object.entries(hang_ups)) {
    test(name, async (t) => {
      const server = await start_server(t, { env: { ...small, VIDEO_FILE: await start(t) }, ready: false });
      open_stream(t, server, { check: false });
      await sleep(16_000);
      const { source } = await server.stats();
      // After waits of about 1, 2, 4 and 8 s, or 5 s where pictures have come and are watched.
      assert.ok(source.restarts >= 2 && source.restarts <= 6, `${source.restarts} restarts`);
      assert.ok(source.last_error);
      const lines = server.stderr.split('\n').filter((line) => /source away/.test(line));
      assert.ok(lines.length >= 1 && lines.length <= 3, lines.join('\n'));
    });
  }

  test('HTTP that ends after 0.3 s is a short clip: it is asked for at most once a second', async (t) => {
    const part = readFileSync(await make(t, 'part.ts', [...picture(30, 0.3), ...sine(0.3), ...x264(15), '-c:a', 'aac']));
    const camera = await start_tcp_server(t, (socket) => socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nTransfer-Encoding: chunked\r\n\r\n');
      socket.write(`${part.length.toString(16)}\r\n`);
      socket.write(part);
      setTimeout(() => socket.destroy(), 300);
    }));
    const server = await start_server(t, { env: { ...small, VIDEO_FILE: `http://127.0.0.1:${camera.port}/live.ts` }, ready: false });
    await sleep(12_000);
    assert.ok(camera.count() >= 6 && camera.count() <= 15, `${camera.count()} requests`);
    assert.equal((await server.stats()).source.state, 'running');
  });

  test('a source that was good for ten seconds is opened again at once', async (t) => {
    const at = [];
    const { port } = await start_tcp_server(t, (socket) => {
      at.push(Date.now());
      send_mpegts(t, socket, everyday);
      setTimeout(() => socket.destroy(), 13_000);
    });
    const server = await start_server(t, { env: { ...small, VIDEO_FILE: `tcp://127.0.0.1:${port}` } });
    const opened = at.length;
    await until('the next connection', () => at.length > opened, { seconds: 20 });
    assert.ok(at[opened] - at[opened - 1] < 14_000, `${at[opened] - at[opened - 1]} ms`);
    assert.equal((await server.stats()).source.restarts, 1);
  });
});
