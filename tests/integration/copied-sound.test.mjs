// AAC-LC sound is passed through as the source has it; all other sound is encoded.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { clip, decode_strictly } from '../lib/media.mjs';
import { run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { free_port, start_rtsp, start_tcp } from '../lib/sources.mjs';
import { start_tcp_server } from '../lib/tcp_server.mjs';

const picture = (seconds) => ['-f', 'lavfi', '-i', `testsrc=size=160x90:rate=30:duration=${seconds}`];
const noise = (seconds, rate = 48000) => ['-f', 'lavfi', '-i', `anoisesrc=sample_rate=${rate}:duration=${seconds}:amplitude=0.3`];
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '30'];

async function ffmpeg(...args) {
  const made = await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]);
  assert.equal(made.code, 0, made.stderr);
  return made.stdout;
}
async function make(t, name, ...args) {
  const path = join(temporary_directory(t), name);
  await ffmpeg(...args, path);
  return path;
}

// The access units of a file's sound, each by its hash.
async function units(path) {
  const adts = path.endsWith('.ts') ? ['-bsf:a', 'aac_adtstoasc'] : [];
  const text = await ffmpeg('-i', path, '-map', '0:a', '-c', 'copy', ...adts, '-f', 'framehash', '-hash', 'md5', '-');
  return text.toString().split('\n').filter((line) => /^\d/.test(line)).map((line) => line.split(',')[5].trim());
}

// Plays `source` for so much of its media.
async function play(t, source, { seconds = 5, env = {} } = {}) {
  const server = await start_server(t, { env: { VIDEO_FILE: source, VIDEO_RESOLUTION: '160x90', LOG_LEVEL: 'debug', ...env } });
  const record = join(temporary_directory(t), 'stream.mp4');
  const viewer = open_stream(t, server, { record });
  await viewer.media(seconds);
  const { source: status } = await server.stats();
  await viewer.close();
  const { sample_rate, channels, codec } = viewer.checker.audio;
  return { viewer, record, status, server, sound: [codec, sample_rate, channels], starts: server.stderr.match(/ffmpeg started/g).length };
}
const encoded = ['mp4a.40.2', 44100, 2];

function assert_whole(viewer) {
  assert.deepEqual(viewer.checker.gaps().filter(({ kind }) => kind === 'audio'), []);
}

// An address at which a program sends the bytes of an MPEG-TS at its pace.
async function live(t, path, seconds) {
  const bytes = readFileSync(path);
  const { port } = await start_tcp_server(t, (socket) => {
    const began = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.min(bytes.length, Math.round((bytes.length * (performance.now() - began)) / (seconds * 1000)));
      socket.write(bytes.subarray(sent, due));
      sent = due;
      if (sent === bytes.length) clearInterval(timer);
    }, 20);
    socket.on('close', () => clearInterval(timer));
  });
  return `tcp://127.0.0.1:${port}`;
}

test('the sound of a file is encoded, and whole over its passes', async (t) => {
  const source = await make(t, 'clip.mp4', ...picture(3), ...noise(3), ...x264, '-c:a', 'aac', '-b:a', '64k', '-ac', '2');
  const { viewer, sound } = await play(t, source, { seconds: 9 });
  assert.deepEqual(sound, encoded);
  assert_whole(viewer);
});

test('the sound of an MPEG-TS with several frames a packet is passed through from the first run on', async (t) => {
  const port = await free_port();
  await start_tcp(t, port);
  const { viewer, record, status, starts } = await play(t, `tcp://127.0.0.1:${port}`);
  assert.deepEqual([status.restarts, starts], [0, 1]);
  assert_whole(viewer);
  const original = new Set(await units(await clip('copyable.mp4')));
  const others = (await units(record)).filter((unit) => !original.has(unit)).length;
  assert.ok(others <= 1, `${others} units are not the source's`);
});

test('the sound of an RTSP camera is passed through from the first run on', async (t) => {
  const camera = await start_rtsp(t);
  const { viewer, record, status, starts, sound } = await play(t, camera.url('/aac'));
  assert.deepEqual(sound, ['mp4a.40.2', 48000, 2]);
  assert.deepEqual([status.restarts, starts], [0, 1]);
  assert_whole(viewer);
  await decode_strictly(record, { kind: 'a' });
});

for (const [what, sound, env] of [
  ['AUDIO_CODEC=aac', ['-c:a', 'aac'], { AUDIO_CODEC: 'aac' }],
  ['AUDIO_BITRATE', ['-c:a', 'aac'], { AUDIO_BITRATE: '64k' }],
  ['six channels', ['-c:a', 'aac', '-ac', '6'], {}],
  ['a rate that few devices have', ['-c:a', 'aac', '-ar', '7350'], {}],
  ['MP2', ['-c:a', 'mp2'], {}],
]) {
  test(`sound is encoded: ${what}`, async (t) => {
    const source = await live(t, await make(t, 'clip.ts', ...picture(20), ...noise(20), ...x264, ...sound), 20);
    const played = await play(t, source, { seconds: 4, env });
    assert.deepEqual(played.sound, encoded);
    assert_whole(played.viewer);
    assert.deepEqual([played.status.restarts, played.status.last_error], [0, null]);
    assert.doesNotMatch(played.server.stderr, /level=(warn|error)/);
  });
}

test('HE-AAC that is described as AAC-LC is encoded, and /stats tells it', async (t) => {
  const source = await make(t, 'clip.flv', ...picture(20), ...noise(20, 24000), ...x264, '-c:a', 'aac', '-ac', '1');
  // AudioSpecificConfig: the extension says that there is spectral band replication, to 48 kHz.
  const told = readFileSync(source).toString('latin1');
  const bytes = told.replace('\x13\x08\x56\xe5\x00', '\x13\x08\x56\xe5\x98');
  assert.notEqual(bytes, told);
  writeFileSync(source, bytes, 'latin1');
  const { sound, status } = await play(t, await live(t, source, 20), { seconds: 4 });
  assert.deepEqual(sound, encoded);
  assert.ok(status.notes.some((note) => /cannot be passed through/.test(note)), status.notes.join());
});

for (const [what, second] of [['from stereo to mono', ['-ac', '1']], ['from 48 to 44.1 kHz', ['-ac', '2', '-ar', '44100']]]) {
  test(`sound that changes in the middle of an MPEG-TS is encoded: ${what}`, async (t) => {
    const part = (name, ...args) => make(t, name, ...picture(4), ...noise(4), ...x264, '-c:a', 'aac', '-b:a', '64k', ...args);
    const source = join(temporary_directory(t), 'both.ts');
    writeFileSync(source, Buffer.concat([readFileSync(await part('one.ts', '-ac', '2')), readFileSync(await part('two.ts', ...second))]));
    const { status, viewer } = await play(t, await live(t, source, 8), { seconds: 7 });
    assert.deepEqual(viewer.checker.audio.sample_rate, 44100);
    assert.ok(status.notes.some((note) => /cannot be passed through/.test(note)), status.notes.join());
  });
}
