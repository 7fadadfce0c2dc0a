// A server of a test's own on loopback, of which the test says what it does.
import net from 'node:net';
import { cleanup } from './cleanup.mjs';

// A TCP server, on a free port unless one is given, that does `serve(socket, number)` with each connection: {port, count(), stop()}.
export async function start_tcp_server(t, serve, { port = 0 } = {}) {
  const sockets = new Set();
  let count = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    serve(socket, ++count);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  cleanup(t, stop);
  return { port: server.address().port, count: () => count, stop };
}
