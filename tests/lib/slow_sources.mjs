// Sources that answer late, and sources that hang up soon. Each lives until the test `t` ends.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import net from 'node:net';
import { cleanup } from './cleanup.mjs';
import { start_tcp_server } from './tcp_server.mjs';
import { sleep } from './wait.mjs';

// Writes `path` to a socket or response in real time as MPEG-TS, without its first `skip` seconds. The file ends, or is
// repeated, by ffmpeg's `options` before the input.
export async function send_mpegts(t, out, path, { skip = 0, options = ['-stream_loop', '-1'] } = {}) {
  const sender = spawn('ffmpeg', ['-nostdin', '-v', 'error', '-re', ...options, '-i', path, '-c', 'copy', '-flush_packets', '1', '-f', 'mpegts', 'pipe:1'],
    { stdio: ['ignore', 'pipe', 'ignore'] });
  const end = () => sender.kill('SIGKILL');
  out.on('close', end);
  cleanup(t, end);
  const begin = Date.now();
  sender.stdout.on('data', (bytes) => {
    if (Date.now() - begin >= skip * 1000 && !out.destroyed) out.write(bytes);
  });
}

// Passes each connection on to `target` after `seconds`.
export const start_late_proxy = (t, target, seconds) => start_tcp_server(t, async (client) => {
  await sleep(seconds * 1000);
  if (client.destroyed) return;
  const upstream = net.connect(target, '127.0.0.1');
  upstream.on('error', () => client.destroy());
  upstream.on('close', () => client.destroy());
  client.on('close', () => upstream.destroy());
  client.pipe(upstream).pipe(client);
});

// Passes datagrams between clients and `target`. Those of a client's first `seconds` are lost.
export async function start_late_relay(t, target, seconds) {
  const front = createSocket('udp4');
  const clients = new Map();
  front.on('message', (bytes, { port }) => {
    if (!clients.has(port)) {
      const back = createSocket('udp4').on('message', (answer) => front.send(answer, port, '127.0.0.1'));
      clients.set(port, { back, since: Date.now() });
    }
    const { back, since } = clients.get(port);
    if (Date.now() - since >= seconds * 1000) back.send(bytes, target, '127.0.0.1');
  });
  await new Promise((resolve) => front.bind(0, '127.0.0.1', resolve));
  cleanup(t, () => {
    for (const { back } of clients.values()) back.close();
    return new Promise((resolve) => front.close(resolve));
  });
  return front.address().port;
}
