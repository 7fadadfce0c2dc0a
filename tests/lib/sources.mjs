// Real servers and senders for the server under test to read from. Each lives until the test `t` ends.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSocket } from 'node:dgram';
import net from 'node:net';
import { join } from 'node:path';
import { cleanup } from './cleanup.mjs';
import { clip } from './media.mjs';
import { start_helper } from './process.mjs';
import { temporary_directory } from './server.mjs';
import { until } from './wait.mjs';

// A port that was free a moment ago, for programs that cannot bind port 0 and report the port.
export function free_port(kind = 'tcp') {
  return new Promise((resolve, reject) => {
    if (kind === 'udp') {
      const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
        const { port } = socket.address();
        socket.close(() => resolve(port));
      });
      socket.on('error', reject);
    } else {
      const listener = net.createServer().listen(0, '127.0.0.1', () => {
        const { port } = listener.address();
        listener.close(() => resolve(port));
      });
      listener.on('error', reject);
    }
  });
}

const answers = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

// nginx with one server block on a free port; `locations` is text of its configuration.
export async function start_nginx(t, locations) {
  const directory = temporary_directory(t);
  const port = await free_port();
  for (const name of ['temp', 'html']) mkdirSync(join(directory, name));
  writeFileSync(join(directory, 'nginx.conf'), `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  types { video/mp4 mp4; application/vnd.apple.mpegurl m3u8; video/mp2t ts; text/html html; }
  client_body_temp_path ${directory}/temp; proxy_temp_path ${directory}/temp; fastcgi_temp_path ${directory}/temp;
  uwsgi_temp_path ${directory}/temp; scgi_temp_path ${directory}/temp;
  server { listen 127.0.0.1:${port}; root ${directory}/html; ${locations} }
}
`);
  const nginx = start_helper(t, 'nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')],
    { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` } });
  await until(`nginx listens: ${nginx.output}`, () => answers(port));
  return { port, url: `http://127.0.0.1:${port}`, html: join(directory, 'html'), stop: nginx.stop };
}

// ffmpeg as a sender in real time.
export const start_ffmpeg = (t, args) => start_helper(t, 'ffmpeg', ['-nostdin', '-hide_banner', '-loglevel', 'warning', '-y', ...args]);

// A playlist that never ends, with segments of one second, in `directory`.
export const start_live_hls = (t, directory, name = 'live.m3u8') => send(t, '-f', 'hls', '-hls_time', '1', '-hls_list_size', '4',
  '-hls_flags', 'delete_segments+omit_endlist', join(directory, name));

// Senders that loop a clip in real time. ffmpeg's listeners serve one client and end with it.
const send = async (t, ...output) => start_ffmpeg(t, ['-re', '-stream_loop', '-1', '-i', await clip('copyable.mp4'), '-c', 'copy', ...output]);
export const start_rtmp = (t, port) => send(t, '-f', 'flv', '-listen', '1', `rtmp://127.0.0.1:${port}/live/camera`);
export const start_srt = (t, port) => send(t, '-f', 'mpegts', `srt://127.0.0.1:${port}?mode=listener`);
export const start_udp = (t, port) => send(t, '-f', 'mpegts', `udp://127.0.0.1:${port}?pkt_size=1316`);
export const start_tcp = (t, port) => send(t, '-f', 'mpegts', `tcp://127.0.0.1:${port}?listen=1`);

// A recording in progress at `path`, in the format of its extension; `args` are the muxer's.
export const start_recording = (t, path, args = []) => send(t, '-flush_packets', '1', ...args, path);

// The RTSP camera: {url(path), stop}.
export async function start_rtsp(t, { user, password } = {}) {
  const script = new URL('rtsp_server.py', import.meta.url).pathname;
  const server = start_helper(t, '/usr/bin/python3', user ? [script, user, password] : [script]);
  await until('the RTSP server prints its port', () => {
    if (server.child.exitCode !== null) throw new Error(server.output);
    return /^\d+$/m.test(server.output);
  });
  const port = Number(server.output.match(/^\d+$/m)[0]);
  return { port, url: (path = '/camera') => `rtsp://${user ? `${user}:${password}@` : ''}127.0.0.1:${port}${path}`, stop: server.stop };
}

// An HTTP server in this process: `handler(request, response)`. {port, url, requests}.
export async function start_http(t, handler) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url, headers: request.headers, method: request.method });
    handler(request, response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup(t, () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address();
  return { port, url: `http://127.0.0.1:${port}`, requests, close_connections: () => server.closeAllConnections() };
}

// A camera on `port` that sends ffmpeg's output for `args` as MPEG-TS to all connected clients. {stop}.
export async function start_camera(t, port, args) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const sender = start_ffmpeg(t, [...args, '-f', 'mpegts', 'pipe:1']);
  sender.child.stdout.on('data', (bytes) => {
    for (const socket of sockets) socket.write(bytes);
  });
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all([sender.stop(), new Promise((resolve) => server.close(resolve))]);
  };
  cleanup(t, stop);
  return { stop };
}
