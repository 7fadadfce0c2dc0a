// HTTP sources without a length: files are paced and played again and again, live sources go to their live edge, and an address
// that answers one picture is polled.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { chosen } from '../lib/members.mjs';
import { run } from '../lib/process.mjs';
import { start_http } from '../lib/sources.mjs';
import { assert_plays, watch } from '../lib/watch.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { sleep } from '../lib/wait.mjs';

const input = ['-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=30:duration=5', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=5'];
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '30', '-pix_fmt', 'yuv420p'];

// The bytes of a clip of five seconds; `args` end with the muxer's name.
async function bytes_of(t, ...args) {
  const path = join(temporary_directory(t), 'clip');
  const made = await run('ffmpeg', ['-nostdin', '-v', 'error', ...input, ...args, path]);
  assert.equal(made.code, 0, made.stderr);
  return readFileSync(path);
}

// Ways in which a web server without ranges may answer with `bytes`.
const answers = {
  'Content-Length': (response, bytes) => response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes),
  chunked: (response, bytes) => response.writeHead(200).end(bytes),
  'Connection: close': (response, bytes) => {
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, { Connection: 'close' }).end(bytes);
  },
  // A little faster than it plays.
  slow: async (response, bytes) => {
    response.writeHead(200);
    for (let at = 0; at < bytes.length && !response.destroyed; at += bytes.length / 40) {
      response.write(bytes.subarray(Math.ceil(at), Math.ceil(at + bytes.length / 40)));
      await sleep(60);
    }
    response.end();
  },
};

const files = [
  ['a recorder\'s WebM', 'chunked', true, ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus', '-live', '1', '-f', 'webm']],
  ['a recorder\'s Matroska', 'Connection: close', true, [...x264, '-c:a', 'aac', '-live', '1', '-f', 'matroska']],
  ['MPEG-TS', 'Content-Length', true, [...x264, '-c:a', 'aac', '-f', 'mpegts']],
  ['MPEG-TS from a slow server', 'slow', true, [...x264, '-c:a', 'aac', '-f', 'mpegts']],
  ['fragmented MP4', 'chunked', true, [...x264, '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4']],
  ['MP4 with its index in front', 'Connection: close', true, [...x264, '-c:a', 'aac', '-movflags', 'faststart', '-f', 'mp4']],
  ['H.264 in FLV without a duration', 'chunked', true, [...x264, '-c:a', 'aac', '-flvflags', 'no_duration_filesize', '-f', 'flv']],
  ['ADTS', 'chunked', true, ['-map', '1:a', '-c:a', 'aac', '-f', 'adts']],
  ['MP3', 'Content-Length', true, ['-map', '1:a', '-c:a', 'libmp3lame', '-f', 'mp3']],
];

const core_files = ['a recorder\'s WebM', 'MPEG-TS', 'MP3'];

test('files without a length play at their own speed, again and again', { concurrency: 2 }, async (t) => {
  await Promise.all(chosen(files, core_files).map(([name, answer, sound, args]) => t.test(name, async (t) => {
    const bytes = await bytes_of(t, ...args);
    const source = await start_http(t, (request, response) => answers[answer](response, bytes));
    const watched = await watch(t, `${source.url}/clip`, { seconds: 12 });
    assert_plays(watched, { sound });
    assert.ok(source.requests.length <= 8, `${source.requests.length} requests for 3 loops`);
  })));
});

// A live source: `bytes` are 20 seconds of media, of which `backlog` seconds come at once and the rest in real time.
function start_live(t, bytes, backlog) {
  return start_http(t, async (request, response) => {
    response.writeHead(200);
    const begin = Date.now();
    for (let sent = 0; sent < bytes.length && !response.destroyed;) {
      const upto = Math.min(bytes.length, Math.floor((bytes.length * (backlog + (Date.now() - begin) / 1000)) / 20));
      response.write(bytes.subarray(sent, upto));
      sent = upto;
      await sleep(40);
    }
  });
}

const lives = [
  ['MPEG-TS without a backlog', 0, [...x264, '-c:a', 'aac', '-f', 'mpegts']],
  ['MPEG-TS with a backlog of 3 s', 3, [...x264, '-c:a', 'aac', '-f', 'mpegts']],
  ['MPEG-TS with a backlog of 8 s', 8, [...x264, '-c:a', 'aac', '-f', 'mpegts']],
  ['WebM', 1, ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus', '-live', '1', '-f', 'webm']],
];

test('live sources are played at their live edge', { concurrency: 2 }, async (t) => {
  const noise = ['-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=30:duration=20,noise=alls=10:allf=t', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=20'];
  await Promise.all(chosen(lives, ['MPEG-TS with a backlog of 3 s']).map(([name, backlog, args]) => t.test(name, async (t) => {
    const path = join(temporary_directory(t), 'clip');
    const made = await run('ffmpeg', ['-nostdin', '-v', 'error', ...noise, ...args, path]);
    assert.equal(made.code, 0, made.stderr);
    const source = await start_live(t, readFileSync(path), backlog);
    const server = await start_server(t, { env: { VIDEO_RESOLUTION: '320x180', VIDEO_FILE: `${source.url}/live` } });
    const viewer = open_stream(t, server);
    const began = Date.now();
    await viewer.until('pictures', () => viewer.checker.of('video').length > 0);
    await sleep(6000);
    const { source: status } = await server.stats();
    const passed = (Date.now() - began) / 1000;
    // The stream's time begins with the source's first picture.
    const edge = viewer.checker.of('video').at(-1).end_s;
    assert.ok(edge > backlog + passed - 1.5 && edge < backlog + passed + 3, `at ${edge} s ${passed} s after the start`);
    assert.deepEqual([status.state, status.restarts], ['running', 0], status.last_error);
  })));
});

const snapshots = {
  'with a Content-Length': (response, bytes) => response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': bytes.length }).end(bytes),
  'that closes the connection': answers['Connection: close'],
  'that refuses now and then': (response, bytes, number) => (number % 4 === 0 && number > 4 ? response.writeHead(503).end() : response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(bytes)),
};

test('an address that answers one picture is asked once a second', { concurrency: 2 }, async (t) => {
  const path = join(temporary_directory(t), 'picture.jpg');
  const made = await run('ffmpeg', ['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=1:duration=1', path]);
  assert.equal(made.code, 0, made.stderr);
  const bytes = readFileSync(path);
  await Promise.all(chosen(Object.entries(snapshots), ['with a Content-Length']).map(([name, answer]) => t.test(`one ${name}`, async (t) => {
    const asked = [];
    const camera = await start_http(t, (request, response) => {
      asked.push(Date.now());
      answer(response, bytes, asked.length);
    });
    const watched = await watch(t, `${camera.url}/snapshot.jpg`, { seconds: 12 });
    assert_plays(watched, { sound: false, picture_pause: 2.5, picture_step: 1 });
    // The first ones find out what the address gives.
    const settled = asked.slice(2);
    const interval = (settled.at(-1) - settled[0]) / (settled.length - 1);
    assert.ok(settled.length >= 6 && interval >= 990, `every ${interval} ms`);
  })));
});
