// Clients that come and go, and hostile clients.
import net from 'node:net';
import { connections } from '../integration/hostile/connections.mjs';
import { fields } from '../integration/hostile/fields.mjs';
import { framing } from '../integration/hostile/framing.mjs';
import { request_lines } from '../integration/hostile/request-lines.mjs';
import { get_time, request, upgrade, asks_upgrade, key, version_13 } from '../integration/hostile/shape.mjs';

const hostile = [...framing, ...request_lines, ...fields, ...connections].map((row) => Buffer.from(row.bytes, 'latin1'));
const close = 'Connection: close';
const ping = Buffer.concat([Buffer.from([0x89, 0x80, 1, 2, 3, 4]), Buffer.from([0x82, 0xfe, 0, 200, 1, 2, 3, 4]), Buffer.alloc(200)]);

// Every session ends after `patience` ms.
function session(port, act, patience = 3000) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const timer = setTimeout(() => socket.destroy(), patience);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.on('connect', () => act(socket));
  });
}

// Each function runs one short session.
const kinds = [
  (port) => session(port, (socket) => socket.resume().write(get_time(close))),
  (port) => session(port, (socket) => socket.resume().write(request('GET / HTTP/1.1', close))),
  (port) => session(port, (socket) => socket.resume().write(get_time() + get_time() + get_time(close))),
  // A viewer that leaves after the first bytes.
  (port) => session(port, (socket) => {
    socket.write(request('GET /stream HTTP/1.1'));
    socket.once('data', () => socket.destroy());
  }),
  // A viewer that resets the connection.
  (port) => session(port, (socket) => {
    socket.write(request('GET /stream HTTP/1.1'));
    socket.once('data', () => socket.resetAndDestroy());
  }),
  // A client that leaves before the answer.
  (port) => session(port, (socket) => {
    socket.write(request('GET /stream HTTP/1.1'), () => socket.destroy());
  }),
  (port) => session(port, (socket) => {
    socket.write(upgrade(...asks_upgrade, version_13, key));
    socket.once('data', () => socket.write(ping, () => socket.resetAndDestroy()));
  }),
  (port) => session(port, (socket) => socket.destroy()),
  (port) => session(port, (socket) => socket.resetAndDestroy()),
  (port) => session(port, (socket) => socket.write('GET /time HT', () => socket.destroy())),
  (port, random) => session(port, (socket) => socket.resume().end(hostile[Math.floor(random() * hostile.length)])),
];
export const one_session = (port, random) => kinds[Math.floor(random() * kinds.length)](port, random);

// Runs `count` sessions, `at_once` at a time.
export async function sessions(port, count, random, at_once = 32) {
  let left = count;
  await Promise.all(Array.from({ length: at_once }, async () => {
    while (left-- > 0) await one_session(port, random);
  }));
}

// Opens connections that stay: idle ones and hostile ones of several kinds. Returns the function that ends them.
export async function lingerers(port, idle, evil) {
  const sockets = [];
  const timers = [];
  const connect = () => new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => resolve(socket));
    sockets.push(socket);
  });
  for (let i = 0; i < idle; i += 50) await Promise.all(Array.from({ length: Math.min(50, idle - i) }, connect));
  for (let i = 0; i < evil; ++i) {
    const socket = await connect();
    socket.pause();
    switch (i % 5) {
      case 0: socket.write(request('GET /stream HTTP/1.1')); break;  // does not read
      case 1: socket.write(upgrade(...asks_upgrade, version_13, key)); break;  // does not read either
      case 2: {  // sends its headers slowly
        socket.write('GET / HTTP/1.1\r\nHost: a\r\n');
        timers.push(setInterval(() => socket.writable && socket.write('X: y\r\n'), 500));
        break;
      }
      case 3: socket.write(get_time().repeat(2000)); break;  // many requests, reads no answer
      default:  // endless pings
        socket.write(upgrade(...asks_upgrade, version_13, key));
        timers.push(setInterval(() => socket.writable && socket.writableLength < 65536 && socket.write(ping), 20));
    }
  }
  return { open: () => sockets.filter((socket) => !socket.destroyed).length, end: () => {
    timers.forEach(clearInterval);
    for (const socket of sockets) socket.destroy();
  } };
}
