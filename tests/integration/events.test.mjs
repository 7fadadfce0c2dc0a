// GET /events: server-sent events about streams and viewers.
import assert from 'node:assert/strict';
import http from 'node:http';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { cleanup } from '../lib/cleanup.mjs';
import { open_stream, request } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

// Listens: {events: [{id, event, data}], text, ended}.
function listen(t, server, path = '/events', headers = {}) {
  const listener = { events: [], text: '', ended: false };
  const asked = http.get({ host: '127.0.0.1', port: server.port, path, headers, agent: false }, (answer) => {
    listener.type = answer.headers['content-type'];
    answer.on('data', (bytes) => {
      listener.text += bytes;
      const whole = listener.text.split('\n\n');
      listener.rest = whole.pop();
      listener.events = whole.filter((event) => !event.startsWith(':')).map((event) => {
        const fields = Object.fromEntries(event.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
        return { ...fields, data: JSON.parse(fields.data) };
      });
    });
    answer.on('end', () => { listener.ended = true; });
    answer.on('error', () => {});
  });
  asked.on('error', () => {});
  cleanup(t, () => asked.destroy());
  listener.until = (what, kind, condition) => until(what, () => listener.events.find((one) => one.event === kind && condition(one.data)), { seconds: 25 })
    .catch((error) => { throw new Error(`${error.message}: ${listener.text}`); });
  return listener;
}

test('states, viewers, new and removed streams are told as they come; ?streams= chooses', async (t) => {
  const file = await clip('long.mp4');
  const cwd = temporary_directory(t);
  const path = join(cwd, 'a.mp4');
  copyFileSync(file, path);
  const write = (streams) => writeFileSync(join(cwd, 'livestream.yml'), JSON.stringify({ defaults: { video_codec: 'copy', audio: 'off' }, streams }));
  write({ a: path, b: file });
  const server = await start_server(t, { cwd });
  await until('both run', async () => (await request(server, '/b/readyz')).status === 200 && (await request(server, '/a/readyz')).status === 200);
  const all = listen(t, server);
  const only = listen(t, server, '/events?streams=b');
  await all.until('the present state of a', 'state', (data) => data.stream === 'a' && data.state === 'running');
  await only.until('the present state of b', 'state', (data) => data.stream === 'b' && data.state === 'running');
  assert.equal(all.type, 'text/event-stream');

  const viewer = open_stream(t, server, { path: '/a/stream' });
  await all.until('the viewer', 'viewers', (data) => data.stream === 'a' && data.viewers === 1);
  await viewer.close();
  await all.until('its end', 'viewers', (data) => data.stream === 'a' && data.viewers === 0);

  // The source of a goes away.
  rmSync(path);
  await request(server, '/api/v1/streams/a/restart', { method: 'POST' });
  const away = await all.until('the lost source', 'state', (data) => data.stream === 'a' && data.state === 'waiting');
  assert.match(away.data.error, /does not exist/);

  write({ b: file, c: file });
  server.kill('SIGHUP');
  await all.until('the removed stream', 'removed', (data) => data.stream === 'a');
  await all.until('the new stream', 'added', (data) => data.stream === 'c');
  await all.until('which runs', 'state', (data) => data.stream === 'c' && data.state === 'running');
  assert.deepEqual([...new Set(only.events.map((event) => event.data.stream))], ['b']);

  // A listener that comes again hears what it missed, once.
  const last = all.events.filter((event) => event.id).at(-3);
  const again = listen(t, server, '/events', { 'Last-Event-ID': last.id });
  await until('the missed events', () => again.events.length >= 2);
  assert.deepEqual(again.events.slice(0, 2), all.events.filter((event) => Number(event.id) > Number(last.id)).slice(0, 2));

  await server.stop();
  await until('the responses end', () => all.ended && only.ended && again.ended);
});

test('a listener that does not read holds nothing up', async (t) => {
  const file = await clip('long.mp4');
  const server = await start_server(t, { env: { VIDEO_FILE: file, VIDEO_CODEC: 'copy' } });
  const socket = http.get({ host: '127.0.0.1', port: server.port, path: '/events', agent: false }, (answer) => answer.pause());
  socket.on('error', () => {});
  cleanup(t, () => socket.destroy());
  const viewer = open_stream(t, server);
  await viewer.media(3);
  assert.deepEqual(viewer.checker.gaps(), []);
  const headers = await request(server, '/events', { method: 'HEAD' });
  assert.deepEqual([headers.status, headers.headers['content-type']], [200, 'text/event-stream']);
  assert.equal((await request(server, '/events', { method: 'POST' })).status, 405);
});
