// Many people behind one address open the page in the same second. All of them play, at the default limits, and a client
// that takes whatever it gets does not keep others out.
import assert from 'node:assert/strict';
import net from 'node:net';
import test from 'node:test';
import { get } from '../lib/http.mjs';
import { PageLoad, arrive, classroom } from '../lib/page_load.mjs';
import { start_server } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const people = 100;
// Loopback counts as an address like any other.
const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '160x90', MAX_CLIENTS: '200', TRUSTED_PROXIES: 'none' };

async function expect_viewers(server, count) {
  await until(`${count} viewers`, async () => (await server.stats()).connections.clients === count);
  assert.equal((await server.stats()).connections.clients_refused, 0);
}

for (const websocket of [false, true]) {
  test(`a classroom of ${people} opens the page in the same second, and again, over ${websocket ? 'WebSocket' : 'fetch'}`, async (t) => {
    const server = await start_server(t, { env });
    const pages = await classroom(t, server, people, { websocket });
    t.diagnostic(`${pages[0].requests} requests each`);
    await expect_viewers(server, people);
    await arrive(pages, 1);
    await expect_viewers(server, people);
  });
}

test('idle connections give way to those of people who come later', async (t) => {
  const limit = 150;
  const server = await start_server(t, { env: { ...env, MAX_CONNECTIONS_PER_ADDRESS: String(limit) } });
  for (let come = 0; come < people; come += 20) await classroom(t, server, 20, { seconds: 0.5 });
  await expect_viewers(server, people);
  const { workers } = (await server.stats()).server;
  const open = workers.reduce((sum, worker) => sum + worker.connections, 0);
  assert.ok(open <= people + limit + workers.length + 1, `${open} connections`);
});

test('a classroom behind a trusted proxy', async (t) => {
  const server = await start_server(t, { env: { ...env, TRUSTED_PROXIES: '127.0.0.1' } });
  await classroom(t, server, people, { seconds: 1, headers: { 'X-Forwarded-For': '203.0.113.7' } });
  await expect_viewers(server, people);
});

test('a client that takes whatever it gets does not keep a classroom and others out', async (t) => {
  const server = await start_server(t, { env });
  const hostile = '127.0.0.9';
  const open = [];
  const take = (count, text) => {
    for (let index = 0; index < count; ++index) {
      const socket = net.connect({ host: '127.0.0.1', port: server.port, localAddress: hostile });
      socket.on('error', () => {});
      socket.write(text);
      socket.resume();
      open.push(socket);
    }
  };
  t.after(() => open.forEach((socket) => socket.destroy()));
  const ask = (path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  // Silent connections, requests that do not end, streams, and more requests than are answered.
  take(1500, '');
  take(1200, 'GET /stats HTTP/1.1\r\nX: ');
  take(20, ask('/stats').repeat(200));
  take(300, ask('/stream'));
  await until('it has got its share', async () => (await server.stats()).connections.clients >= 50);
  const { clients } = (await server.stats()).connections;
  assert.ok(clients <= 150, `${clients} places for one address`);

  const others = ['127.0.0.2', '127.0.0.3', '127.0.0.4'].map((from) => new PageLoad(t, server, { from }));
  await arrive(others, 1);
  assert.equal((await get(server, '/healthz')).status, 200);
  // It gets no more answers than its share, and is told so.
  const more = net.connect({ host: '127.0.0.1', port: server.port, localAddress: hostile });
  t.after(() => more.destroy());
  more.write(ask('/healthz').repeat(1000));
  let text = '';
  more.on('data', (bytes) => { text += bytes; });
  await until('it is refused', () => /HTTP\/1\.1 429 [^]*too many requests a second/.test(text));
});
