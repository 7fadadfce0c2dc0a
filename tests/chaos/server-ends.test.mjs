// The end of the server: killed, it leaves no ffmpeg behind; asked to stop, it ends every response that is being read.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import net from 'node:net';
import test from 'node:test';
import { alive, children_of } from '../lib/process.mjs';
import { program, start_server, temporary_directory } from '../lib/server.mjs';
import { sleep, until, within } from '../lib/wait.mjs';
import { request } from '../integration/hostile/shape.mjs';

const long = Boolean(process.env.LIVESTREAM_LONG);
const kills = long ? 50 : 10;
const viewers = long ? 1000 : 300;

test(`kill -9 leaves no ffmpeg behind, ${kills} times`, async (t) => {
  const cwd = temporary_directory(t);
  for (let turn = 0; turn < kills; ++turn) {
    const { PATH, HOME } = process.env;
    const child = spawn(program, [], { cwd, stdio: 'ignore', env: { PATH, HOME, PORT: '0', HOST: '127.0.0.1', VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '160x90' } });
    t.after(() => child.kill('SIGKILL'));
    const started = await until('ffmpeg is there', () => {
      const list = children_of(child.pid);
      return list.length > 0 && list;
    }, { seconds: 10 });
    await sleep((turn * 37) % 400);  // at any moment of its life
    const pids = new Set([...started, ...children_of(child.pid)].map((process) => process.pid));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    await until(`turn ${turn}: no ffmpeg is alive`, () => ![...pids].some(alive), { seconds: 1 });
  }
});

test(`SIGTERM under ${viewers} viewers: exit 0 within 2 s, each response ended`, async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '160x90', VIDEO_FPS: '10', MAX_CLIENTS: '2000', MAX_CONNECTIONS_PER_ADDRESS: '0', MAX_REQUESTS_PER_SECOND: '0' } });
  const watching = Array.from({ length: viewers }, () => {
    const viewer = { bytes: 0, tail: Buffer.alloc(0), ended: null };
    viewer.socket = net.connect(server.port, '127.0.0.1', () => viewer.socket.write(request('GET /stream HTTP/1.1')));
    viewer.socket.on('data', (bytes) => {
      viewer.bytes += bytes.length;
      viewer.tail = Buffer.concat([viewer.tail, bytes]).subarray(-7);
    });
    viewer.socket.on('end', () => { viewer.ended = 'end'; });
    viewer.socket.on('error', (error) => { viewer.ended ??= error.message; });
    t.after(() => viewer.socket.destroy());
    return viewer;
  });
  await until('all watch', () => watching.every((viewer) => viewer.bytes > 2000), { seconds: 60 });
  await sleep(1000);
  const began = Date.now();
  server.kill('SIGTERM');
  const exit = await within('the server ends', server.ended, 10);
  assert.deepEqual([exit.code, exit.signal], [0, null], server.stderr.slice(-2000));
  assert.ok(exit.at - began < 2000, `it took ${exit.at - began} ms`);
  await until('all have seen the end', () => watching.every((viewer) => viewer.ended), { seconds: 10 });
  const broken = watching.filter((viewer) => viewer.ended !== 'end' || viewer.tail.toString('latin1') !== '\r\n0\r\n\r\n');
  assert.equal(broken.length, 0, `${broken.length} of ${viewers} responses did not end properly: ${broken[0]?.ended} ${JSON.stringify(broken[0]?.tail.toString('latin1'))}`);
});
