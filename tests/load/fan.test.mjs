// 500 viewers of 2 Mbit/s at once: each gets its bitrate, and none costs more than 8 KiB of memory.
import assert from 'node:assert/strict';
import net from 'node:net';
import test from 'node:test';
import { clip } from '../lib/media.mjs';
import { start_server } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const viewers = 500;
const seconds = process.env.LIVESTREAM_LONG ? 60 : 15;

// A viewer that only counts bytes: a socket that reads into one shared buffer.
function open_counter(t, server, shared) {
  const counter = { bytes: 0, closed: false };
  const socket = net.connect({ host: '127.0.0.1', port: server.port, onread: { buffer: shared, callback: (size) => { counter.bytes += size; return true; } } });
  socket.write('GET /stream HTTP/1.1\r\nHost: a\r\n\r\n');
  socket.on('close', () => { counter.closed = true; });
  socket.on('error', (error) => { counter.error = error; });
  t.after(() => socket.destroy());
  return counter;
}

test(`${viewers} viewers for ${seconds} s`, async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: await clip('2mbit.mp4'), VIDEO_CODEC: 'copy', MAX_CLIENTS: String(viewers), FAIR_CLIENTS_PER_ADDRESS: '0' } });
  const shared = Buffer.alloc(256 * 1024);
  const warm = Array.from({ length: 5 }, () => open_counter(t, server, shared));
  await until('the first viewers have a second of it', () => warm.every((counter) => counter.bytes > 250_000));
  // The stream's own log is not a cost of viewers: wait until it has its full size.
  let largest = 0;
  let grown_at = Date.now();
  await until('the log is full', async () => {
    const { log_fragments } = (await server.stats()).stream;
    if (log_fragments > largest) {
      largest = log_fragments;
      grown_at = Date.now();
    }
    return Date.now() - grown_at > 3000;
  }, { seconds: 60, every_ms: 200 });
  const memory = server.resident_bytes();

  const counters = [...warm, ...Array.from({ length: viewers - warm.length }, () => open_counter(t, server, shared))];
  await until('all are served', () => counters.every((counter) => counter.bytes > 100_000), { seconds: 60 });
  const before = counters.map((counter) => counter.bytes);
  const made = (await server.stats()).stream;
  const started = Date.now();
  await sleep(seconds * 1000);
  const after = counters.map((counter) => counter.bytes);
  const stats = await server.stats();
  const took = (Date.now() - started) / 1000;

  const bitrate = ((stats.stream.fragment_bytes - made.fragment_bytes) * 8) / took;
  assert.ok(bitrate > 1.9e6, `the stream has ${bitrate} bit/s`);
  const shares = counters.map((counter, index) => ((after[index] - before[index]) * 8) / seconds / bitrate);
  const least = Math.min(...shares);
  const growth = (server.resident_bytes() - memory) / (viewers - warm.length);
  t.diagnostic(`stream ${(bitrate / 1e6).toFixed(2)} Mbit/s; least share ${least.toFixed(3)}; ${(growth / 1024).toFixed(1)} KiB a viewer; dropped ${stats.connections.chunks_dropped}`);
  assert.ok(counters.every((counter) => !counter.closed));
  assert.equal(stats.connections.clients, viewers);
  assert.ok(least >= 0.99, `the worst viewer got ${(least * 100).toFixed(1)} %`);
  assert.ok(growth <= 8 * 1024, `${growth} bytes a viewer`);
});
