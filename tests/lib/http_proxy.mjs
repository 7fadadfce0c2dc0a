// A reverse proxy between a browser and a server that answers by itself when told so, and can be slow.
import http from 'node:http';
import net from 'node:net';
import { cleanup } from './cleanup.mjs';

// {port, url, port_of_server, answer, asked, bytes_per_second}. `answer(path, request)` returns what to do instead of passing a
// request on: {status, headers, body}, 'reset', 'hang', 'truncate' (most of the answer, as if it were all), or nothing.
// `asked` has the path of each request. WebSockets are passed on, and count as requests with the path 'ws:PATH'.
export async function start_http_proxy(t, port_of_server) {
  const proxy = { port_of_server, answer: () => null, asked: [], bytes_per_second: Infinity };
  const sockets = new Set();
  const server = http.createServer((request, response) => {
    const path = request.url.split('?')[0];
    proxy.asked.push(path);
    const instead = proxy.answer(path, request);
    if (instead === 'reset') request.socket.resetAndDestroy();
    else if (instead === 'hang') return;
    else if (typeof instead === 'object' && instead) response.writeHead(instead.status, { 'Content-Type': 'text/html', ...instead.headers }).end(instead.body ?? '<html><title>A proxy</title>');
    else pass(proxy, request, response, instead === 'truncate');
  });
  server.on('upgrade', (request, socket, head) => upgrade(proxy, request, socket, head));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup(t, () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  proxy.port = server.address().port;
  proxy.url = `http://127.0.0.1:${proxy.port}`;
  proxy.reset = () => { for (const socket of sockets) socket.resetAndDestroy(); };
  return proxy;
}

function pass(proxy, request, response, truncate) {
  const { url: path, method } = request;
  // There is nothing to cut off a 304.
  const { 'if-none-match': _cached, ...uncached } = request.headers;
  const headers = truncate ? uncached : request.headers;
  const upstream = http.request({ host: '127.0.0.1', port: proxy.port_of_server, path, method, headers }, async (answer) => {
    if (truncate) {
      const whole = Buffer.concat(await answer.toArray());
      const { 'content-length': _, ...others } = answer.headers;
      response.writeHead(answer.statusCode, others).end(whole.subarray(0, whole.length * 0.8));
      return;
    }
    response.writeHead(answer.statusCode, answer.headers);
    throttle(proxy, answer, response);
  });
  upstream.on('error', () => request.socket.destroy());
  request.pipe(upstream);
  response.on('close', () => upstream.destroy());
}

function upgrade(proxy, request, socket, head) {
  const path = `ws:${request.url.split('?')[0]}`;
  proxy.asked.push(path);
  const instead = proxy.answer(path, request);
  if (instead === 'hang') return;
  if (instead) {
    socket.end(`HTTP/1.1 ${instead.status ?? 400} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    return;
  }
  const upstream = net.connect(proxy.port_of_server, '127.0.0.1', () => {
    upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n`);
    for (let i = 0; i < request.rawHeaders.length; i += 2) upstream.write(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}\r\n`);
    upstream.write('\r\n');
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  for (const [one, other] of [[socket, upstream], [upstream, socket]]) one.on('error', () => other.destroy()).on('close', () => other.destroy());
}

// Passes `from` on to `to` with proxy.bytes_per_second, in steps of 50 ms, while the source is held back.
function throttle(proxy, from, to) {
  from.on('data', async (bytes) => {
    from.pause();
    for (let at = 0; at < bytes.length && !to.destroyed;) {
      const step = Math.min(bytes.length - at, Math.max(1, Math.floor(proxy.bytes_per_second / 20)));
      to.write(bytes.subarray(at, at + step));
      at += step;
      if (proxy.bytes_per_second !== Infinity) await new Promise((resolve) => setTimeout(resolve, 50 * Math.min(1, step * 20 / proxy.bytes_per_second)));
    }
    from.resume();
  });
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
}
