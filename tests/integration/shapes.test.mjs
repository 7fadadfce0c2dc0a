// Sources whose pictures change their shape: the response goes on with an init segment of the new one.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { free_port, start_http } from '../lib/sources.mjs';
import { cleanup } from '../lib/cleanup.mjs';
import { until } from '../lib/wait.mjs';

// An MPEG-TS of parts, each of `seconds`; a part is a size, the aspect ratio of its samples, the form of its samples and
// its rate. Its sound may change its rate and its channels, too.
async function changing_clip(t, parts, seconds = 3, sounds = []) {
  const folder = temporary_directory(t);
  const path = join(folder, 'changing.ts');
  writeFileSync(path, '');
  for (const [index, [size, aspect = '1', form = 'yuv420p', fps = 30]] of parts.entries()) {
    const part = join(folder, `${index}.ts`);
    const [rate, channels] = sounds[index] ?? [44100, 1];
    const made = await run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc=size=${size}:rate=${fps}:duration=${seconds}`,
      '-f', 'lavfi', '-i', `sine=440:duration=${seconds}:r=${rate}`, '-c:a', 'aac', '-ac', `${channels}`, '-vf', `setsar=${aspect}`, '-pix_fmt', form, '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30', '-f', 'mpegts', part]);
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

// They wait most of their time, so 3 run at once.
describe('sources that change their shape', { concurrency: 3 }, () => {
  for (const [name, parts, expected] of [
    ['samples of 10 bits and another rate', [['320x240'], ['320x240', '1', 'yuv420p10le'], ['320x240', '1', 'yuv420p', 50]], ['320x240']],
    ['odd sides', [['320x240'], ['241x321', '1', 'yuv444p'], ['2x2']], ['320x240', '240x320', '2x2']],
    ['a phone that is turned and turned back', [['240x320'], ['320x240'], ['240x320']], ['240x320', '320x240', '240x320']],
    ["an advert's small picture", [['480x270'], ['256x144'], ['480x270']], ['480x270', '256x144', '480x270']],
    ['4:3 anamorphic, then 16:9', [['352x288', '12/11'], ['352x288', '16/11'], ['352x288', '12/11']], ['384x288', '512x288', '384x288']],
  ]) {
    test(`a file: ${name}`, async (t) => {
      const { viewer, source } = await watch(t, await changing_clip(t, parts), 12);
      // The file is played again from its beginning.
      assert.deepEqual(sizes(viewer).slice(0, expected.length), expected);
      assert.equal(source.restarts, 0);
      assert.equal(source.last_error, null);
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

  for (const [name, parts, expected] of [
    ['a phone that is turned', [['240x320'], ['320x240'], ['240x320']], ['240x320', '320x240', '240x320']],
    ["an advert's small picture", [['480x270'], ['256x144']], ['480x270', '256x144']],
  ]) {
    test(`VIDEO_CODEC=copy: ${name}`, async (t) => {
      const { viewer, source } = await watch(t, await changing_clip(t, parts), 3 * parts.length, { VIDEO_CODEC: 'copy' });
      assert.deepEqual(sizes(viewer).slice(0, parts.length), expected);
      assert.equal(source.restarts, 0);
      assert.deepEqual(viewer.checker.gaps(1), []);
    });
  }

  test('sound that changes its rate and its channels with the picture goes on', async (t) => {
    const clip = await changing_clip(t, [['320x240'], ['240x320'], ['320x240']], 3, [[48000, 2], [44100, 1], [48000, 2]]);
    const { viewer, source } = await watch(t, clip, 8);
    assert.deepEqual(sizes(viewer).slice(0, 3), ['320x240', '240x320', '320x240']);
    assert.equal(source.restarts, 0);
    assert.equal(source.last_error, null);
  });

  test('each viewer who comes later gets the shape of the moment', async (t) => {
    const server = await start_server(t, { env: { VIDEO_FILE: await changing_clip(t, [['240x320'], ['320x240']], 5) } });
    const early = open_stream(t, server);
    await until('the picture has turned', () => sizes(early).includes('320x240'));
    const late = open_stream(t, server);
    await late.media(1, 20);
    assert.equal(sizes(late)[0], '320x240');
  });

  // The parts' bytes, sent in the time that they play in.
  function send_slowly(bytes, seconds, send) {
    let at = 0;
    const timer = setInterval(() => {
      const next = Math.min(bytes.length, at + Math.ceil(bytes.length / (seconds * 20)));
      if (at < next) send(bytes.subarray(at, next));
      at = next;
    }, 50);
    return () => clearInterval(timer);
  }

  const turn = [['240x320'], ['320x240']];

  for (const [name, muxer] of [['FLV', 'flv'], ['Matroska', 'matroska']]) {
    test(`${name} over HTTP without a length`, async (t) => {
      const clip = await changing_clip(t, turn, 4);
      const remuxed = join(temporary_directory(t), 'remuxed');
      const made = await run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-i', clip, '-c', 'copy', '-f', muxer, remuxed]);
      assert.equal(made.code, 0, made.stderr);
      const source = await start_http(t, (request, response) => {
        response.writeHead(200).end(readFileSync(remuxed));
      });
      const { viewer } = await watch(t, `${source.url}/live`, 7);
      assert.deepEqual(sizes(viewer).slice(0, 2), ['240x320', '320x240']);
    });
  }

  test('MPEG-TS over UDP', async (t) => {
    const bytes = readFileSync(await changing_clip(t, turn, 4));
    const port = await free_port('udp');
    const socket = createSocket('udp4');
    const server = await start_server(t, { env: { VIDEO_FILE: `udp://127.0.0.1:${port}` }, ready: false });
    const viewer = open_stream(t, server);
    const packets = (part) => {
      for (let at = 0; at < part.length; at += 1316) socket.send(part.subarray(at, at + 1316), port, '127.0.0.1');
    };
    // In whole packets, again and again.
    const whole = Buffer.concat([bytes, bytes, bytes]);
    const stop = send_slowly(whole, 24, packets);
    cleanup(t, () => { stop(); socket.close(); });
    await until('the picture has turned twice', () => sizes(viewer).filter((size, i, all) => size !== all[i - 1]).length >= 3, { seconds: 30 });
    assert.ok(sizes(viewer).every((size) => ['240x320', '320x240'].includes(size)), sizes(viewer).join());
  });

  test('MJPEG over HTTP', async (t) => {
    const folder = temporary_directory(t);
    const pictures = [];
    for (const size of ['320x240', '240x320']) {
      const path = join(folder, `${size}.jpg`);
      const made = await run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc=size=${size}`, '-frames:v', '1', path]);
      assert.equal(made.code, 0, made.stderr);
      pictures.push(readFileSync(path));
    }
    const source = await start_http(t, (request, response) => {
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=b' });
      let sent = 0;
      const timer = setInterval(() => {
        const picture = pictures[Math.floor(sent++ / 60) % 2];
        response.write(Buffer.concat([Buffer.from(`--b\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`), picture, Buffer.from('\r\n')]));
      }, 50);
      response.on('close', () => clearInterval(timer));
    });
    const server = await start_server(t, { env: { VIDEO_FILE: source.url }, ready: false });
    const viewer = open_stream(t, server);
    await until('the picture has turned twice', () => sizes(viewer).length >= 3, { seconds: 30 });
    assert.ok(sizes(viewer).every((size, i, all) => ['240x320', '320x240'].includes(size) && size !== all[i - 1]), sizes(viewer).join());
  });

  test('HLS with a discontinuity', async (t) => {
    const folder = temporary_directory(t);
    const lines = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:4', '#EXT-X-PLAYLIST-TYPE:VOD'];
    for (const [index, part] of [['320x240'], ['240x320'], ['320x240']].entries()) {
      writeFileSync(join(folder, `${index}.ts`), readFileSync(await changing_clip(t, [part], 4)));
      lines.push(...(index ? ['#EXT-X-DISCONTINUITY'] : []), '#EXTINF:4,', `${index}.ts`);
    }
    writeFileSync(join(folder, 'v.m3u8'), [...lines, '#EXT-X-ENDLIST', ''].join('\n'));
    const source = await start_http(t, (request, response) => response.end(readFileSync(join(folder, request.url))));
    const { viewer } = await watch(t, `${source.url}/v.m3u8`, 10);
    assert.deepEqual(sizes(viewer).slice(0, 3), ['320x240', '240x320', '320x240']);
  });

  test('a recording that grows', async (t) => {
    const folder = temporary_directory(t);
    const path = join(folder, 'growing.ts');
    writeFileSync(path, '');
    const bytes = readFileSync(await changing_clip(t, turn, 4));
    const stop = send_slowly(bytes, 8, (part) => appendFileSync(path, part));
    cleanup(t, stop);
    const { viewer } = await watch(t, path, 6, { GROWING_FILE: '1' });
    assert.deepEqual(sizes(viewer).slice(0, 2), ['240x320', '320x240']);
  });
});
