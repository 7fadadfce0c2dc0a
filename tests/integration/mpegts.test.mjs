// Live MPEG-TS from writers that packetise differently: read without a parser, and so without its delay, where each packet
// holds one picture.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { cleanup } from '../lib/cleanup.mjs';
import { open_stream } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { mux, nal_type, nal_units } from '../lib/mpegts.mjs';
import { run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const rate = 30;
const seconds = 30;
const is_slice = (unit) => [1, 5].includes(nal_type(unit));

// Pictures of `slices` slices each, as lists of NAL units.
async function pictures(t, slices) {
  const path = join(temporary_directory(t), 'clip.h264');
  const made = await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=${rate}`, '-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast',
    '-tune', 'zerolatency', '-g', String(rate), '-x264-params', `slices=${slices}:sliced-threads=0`, '-bsf:v', 'h264_metadata=aud=insert', '-f', 'h264', path]);
  assert.equal(made.code, 0, made.stderr);
  const list = [];
  for (const unit of nal_units(readFileSync(path))) {
    if (nal_type(unit) === 9) list.push([]);
    list.at(-1).push(unit);
  }
  assert.equal(list.length, seconds * rate);
  return list;
}

// A sender that has been running for a while when a client connects.
const at_s = (index) => 8 + index / rate;

// The ways in which writers packetise: lists of PES packets, {at_s, data}.
const cuts = {
  'a picture in each packet': (list) => list.map((units, index) => ({ at_s: at_s(index), data: Buffer.concat(units) })),
  'two pictures in each packet': (list) => list.flatMap((units, index) => (index % 2 ? [] : [{ at_s: at_s(index), data: Buffer.concat([...units, ...(list[index + 1] ?? [])]) }])),
  'a slice in each packet': (list) => list.flatMap((units, index) => {
    const packets = [[]];
    for (const unit of units) {
      packets.at(-1).push(unit);
      if (is_slice(unit)) packets.push([]);
    }
    return packets.filter((packet) => packet.length > 0).map((packet) => ({ at_s: at_s(index), data: Buffer.concat(packet) }));
  }),
};

// Sends `bytes`, which last `lasts_s` seconds, in real time to each client; returns the URL.
async function serve(t, bytes, lasts_s) {
  const sockets = new Set();
  const listener = net.createServer(async (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const from = Date.now();
    for (let sent = 0; sent < bytes.length && !socket.destroyed; await sleep(10)) {
      const due = Math.min(bytes.length, Math.floor(bytes.length * (Date.now() - from) / 1000 / lasts_s));
      socket.write(bytes.subarray(sent, due));
      sent = due;
    }
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  cleanup(t, () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => listener.close(resolve));
  });
  return `tcp://127.0.0.1:${listener.address().port}`;
}

const parses = (server) => !server.ffmpeg().arguments.includes('+noparse');

for (const [name, slices, parsed] of [['a picture in each packet', 4, false], ['two pictures in each packet', 1, true], ['a slice in each packet', 4, true]]) {
  test(`${name}: ${parsed ? 'the parser is called in' : 'no parser'}, and every picture plays`, async (t) => {
    const from = Date.now();
    const source = await serve(t, mux(cuts[name](await pictures(t, slices))), seconds);
    const server = await start_server(t, { env: { VIDEO_FILE: source }, ready: false });
    await server.wait_running(30);
    await until('the command that fits', () => server.ffmpeg() && parses(server) === parsed);
    await server.wait_running(30);
    const viewer = open_stream(t, server);
    await viewer.media(5, 30);
    assert.equal(parses(server), parsed);
    assert.deepEqual(viewer.checker.gaps(0.1), []);
    // The server adds no pictures for the time before the connection.
    const newest = viewer.checker.fragments.at(-1);
    assert.ok(newest.end_s < (newest.at - from) / 1000 + 0.5, `${newest.end_s} s of media ${newest.at - from} ms after the beginning`);
    const { source: { state, warning } } = await server.stats();
    assert.deepEqual([state, warning], ['running', null]);
    // ffmpeg has not complained about the pictures since.
    const log = server.stderr.length;
    await sleep(2000);
    assert.doesNotMatch(server.stderr.slice(log), /Frame num change|corrupt|conceal/);
  });
}

test('interlaced pictures are seen without a parser, too', async (t) => {
  const source = await serve(t, readFileSync(await clip('interlaced.ts')), 4);
  const server = await start_server(t, { env: { VIDEO_FILE: source }, ready: false });
  await until('they are deinterlaced', () => server.ffmpeg()?.arguments.some((argument) => argument.includes('yadif')), { seconds: 20 });
  await server.wait_running(30);
  const viewer = open_stream(t, server);
  await viewer.media(1, 20);
  assert.deepEqual([viewer.checker.video.width, viewer.checker.video.height], [1024, 576]);
});
