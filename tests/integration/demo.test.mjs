// GET /demo: the test picture as a second stream, encoded only while it has viewers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { get, open_socket, open_stream, request } from '../lib/http.mjs';
import { alive, children_of } from '../lib/process.mjs';
import { sanitized, start_server } from '../lib/server.mjs';
import { sleep, until, within } from '../lib/wait.mjs';

// A missing source, with settings that must not affect the demo.
const away = { VIDEO_FILE: '/nonexistent.mp4', VIDEO_CODEC: 'copy', VIDEO_RESOLUTION: '1920x1080', VIDEO_FPS: '60', SLATE: '0' };
const slow = sanitized ? 4 : 1;

// The processes that encode the demo.
const encoders = (server) => children_of(server.pid).filter((child) => child.state !== 'Z' && child.arguments.some((argument) => argument.startsWith('testsrc')));

test('the demo is made for its viewers alone, and its time goes on while it rests', async (t) => {
  const server = await start_server(t, { env: away, ready: false });
  assert.equal((await request(server, '/demo', { method: 'HEAD' })).status, 200);
  await sleep(300);
  assert.deepEqual(encoders(server), [], 'no client has asked for it');

  const viewers = [1, 2, 3].map(() => open_stream(t, server, { path: '/demo' }));
  await Promise.all(viewers.map((viewer) => viewer.media(2)));
  const [encoder, ...others] = encoders(server);
  assert.ok(encoder);
  assert.deepEqual(others, [], 'one for all');
  for (const [option, value] of [['-c:v', 'libx264'], ['-r', '30'], ['-preset', 'ultrafast']]) {
    assert.equal(encoder.arguments[encoder.arguments.indexOf(option) + 1], value, option);
  }
  const [first] = viewers;
  assert.deepEqual([first.checker.video.width, first.checker.video.height], [640, 360]);
  assert.ok(first.checker.audio);
  assert.deepEqual(first.checker.gaps(), []);

  // The demo is not taken for the stream.
  assert.equal((await get(server, '/readyz')).status, 503);
  const stats = await until('/stats counts them', async () => {
    const told = await server.stats();
    return told.connections.clients === 3 && told;
  });
  assert.deepEqual([stats.broadcaster.running, stats.source.kind, stats.stream.name, stats.stream.fragments, stats.stream.chunks_sent], [false, 'file', 'default', 0, 0]);
  assert.deepEqual(stats.viewers.map((viewer) => viewer.stream), ['demo', 'demo', 'demo']);

  for (const viewer of viewers) await viewer.close();
  const left = Date.now();
  const last = first.checker.fragments.at(-1);
  await sleep(8000);
  assert.deepEqual(encoders(server).map((child) => child.pid), [encoder.pid], 'a viewer may come again');
  // A process that is ending has lost its arguments.
  await until('nothing encodes any more', () => encoders(server).length === 0 && !alive(encoder.pid), { seconds: 6 });

  const rested = (Date.now() - left) / 1000;
  const again = open_stream(t, server, { path: `/demo?after=${first.headers['stream-epoch']}.${last.sequence}` });
  await again.media(1);
  assert.equal(again.headers['stream-epoch'], first.headers['stream-epoch']);
  assert.ok(again.checker.fragments[0].sequence > last.sequence);
  const ahead = again.checker.of('video')[0].start_s - last.start_s;
  assert.ok(ahead > rested - 0.5 && ahead < rested + 3 * slow, `${ahead} s after ${rested} s`);
  assert.doesNotMatch(server.stderr, /source away stream=demo/);
});

test('the demo goes over WebSocket too', async (t) => {
  const server = await start_server(t, { env: away, ready: false });
  const handshake = 'Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  const socket = open_socket(t, server, `GET /demo?audio=0 HTTP/1.1\r\n${handshake}`);
  await socket.until(/101 Switching Protocols[^]*"type":"hello"[^]*moof[^]*moof/);
  assert.match(socket.text, /"codecs":"avc1\.[0-9A-F]{6}"/);
  const [viewer] = await until('it is listed', async () => {
    const { viewers } = await server.stats();
    return viewers.length > 0 && viewers;
  });
  assert.equal(viewer.stream, 'demo');
});

test('viewers of the demo take places of MAX_CLIENTS', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180', MAX_CLIENTS: '1' } });
  const viewer = open_stream(t, server);
  await viewer.media(0.5);
  const refused = await get(server, '/demo');
  assert.equal(refused.status, 503);
  assert.match(refused.text(), /server full/);
  await viewer.close();
  await until('the place is free', async () => (await server.stats()).connections.clients === 0);
  await open_stream(t, server, { path: '/demo' }).media(0.5);
  assert.equal((await get(server, '/stream')).status, 503);
  // The stream's own source is a demo too: the server keeps the two apart.
  assert.equal(encoders(server).length, 2);
});

test('the server stops as fast, and properly, while the demo runs; kill -9 leaves nothing', async (t) => {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    const server = await start_server(t, { env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' } });
    const viewer = open_stream(t, server, { path: '/demo' });
    await viewer.media(0.5);
    const children = children_of(server.pid).map((child) => child.pid);
    assert.equal(children.length, 2);
    const started = Date.now();
    server.kill(signal);
    const exit = await within('exit', server.ended, 10);
    if (signal === 'SIGTERM') {
      assert.equal(exit.code, 0, server.stderr);
      assert.ok(exit.at - started < 2000 * slow, `${exit.at - started} ms`);
      await until('the response ends', () => viewer.ended, { seconds: 2 });
      assert.equal(viewer.complete, true);
    }
    await until('no child is left', () => !children.some(alive), { seconds: 3 });
  }
});
