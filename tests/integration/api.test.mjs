// /api/v1: the streams, viewers and configuration of a running server, and their changes.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream, request } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

async function start(t, streams) {
  const cwd = temporary_directory(t);
  writeFileSync(join(cwd, 'livestream.yml'), JSON.stringify({ defaults: { video_codec: 'copy', audio: 'off' }, streams }));
  const server = await start_server(t, { cwd });
  // Status and body of a call.
  server.call = async (method, path, body, headers = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await request(server, `/api/v1${path}`, { method, body: text, headers });
    return [answer.status, answer.json()];
  };
  server.done = async (...call) => assert.deepEqual(await server.call(...call), [200, { done: true }], call.join(' '));
  server.names = async () => (await server.call('GET', '/streams'))[1].streams.map((stream) => stream.name);
  return server;
}

test('streams are added, changed, disabled, restarted and removed, and others notice nothing', async (t) => {
  const file = await clip('long.mp4');
  const server = await start(t, { stays: file });
  const stays = open_stream(t, server, { path: '/stays/stream' });
  await stays.media(0.5);
  await server.done('PUT', '/streams/new', { source: file, title: 'New' });
  assert.deepEqual(await server.names(), ['stays', 'new']);
  const viewer = open_stream(t, server, { path: '/new/stream' });
  await viewer.media(0.5);
  assert.equal((await server.call('GET', '/streams/new'))[1].viewers, 1);

  await server.done('PATCH', '/streams/new', 'video_codec: libx264\nvideo_resolution: 160x90\n');
  await viewer.until('the new size', () => viewer.checker.video.width === 160);
  const [, changed] = await server.call('GET', '/streams/new');
  assert.deepEqual([changed.settings.video_resolution, changed.settings.title, changed.settings.audio], ['160x90', 'New', 'off']);
  await server.done('PATCH', '/streams/new', { title: null, video_resolution: null });
  const [, taken_back] = await server.call('GET', '/streams/new');
  assert.deepEqual([taken_back.settings.title, taken_back.settings.video_codec], ['new', 'libx264'], 'the default holds again');
  await viewer.until('the size of the source', () => viewer.checker.video.width === 320);

  await server.done('POST', '/streams/new/restart');
  await viewer.media(viewer.checker.seconds() + 0.5);
  assert.equal(viewer.ended, false);
  await server.done('POST', '/streams/new/disable');
  await until('the end of the response', () => viewer.ended && viewer.complete);
  assert.equal((await server.call('GET', '/streams/new'))[1].state, 'disabled');
  assert.equal((await request(server, '/new/stream')).status, 404);
  await server.done('POST', '/streams/new/enable');
  await open_stream(t, server, { path: '/new/stream' }).media(0.5);
  await server.done('POST', '/reload');
  assert.deepEqual(await server.names(), ['stays', 'new'], 'the files do not undo it');
  await server.done('DELETE', '/streams/new');
  assert.deepEqual(await server.names(), ['stays']);
  await stays.media(stays.checker.seconds() + 0.5);
  assert.deepEqual([stays.ended, stays.checker.gaps()], [false, []]);
});

test('what is not allowed changes nothing, and the answer says why', async (t) => {
  const file = await clip('long.mp4');
  const server = await start(t, { one: file });
  const before = (await server.call('GET', '/config'))[1];
  for (const [call, status, says] of [
    [['PUT', '/streams/Two', { source: file }], 400, /Two cannot be the name/],
    [['PUT', '/streams/stats', { source: file }], 400, /stats cannot be the name/],
    [['PUT', '/streams/two', {}], 400, /lacks its source/],
    [['PUT', '/streams/two', ''], 400, /lacks its source/],
    [['PUT', '/streams/two', '{'], 400, /not valid YAML/],
    [['PUT', '/streams/two', { source: 'gopher://x/y' }], 400, /gopher/],
    [['PUT', '/streams/two', { source: file, port: 1 }], 400, /port is a setting of the server/],
    [['PUT', '/streams/two', { source: file, ffmpeg: '/bin/evil' }], 400, /ffmpeg/],
    [['PUT', '/streams/..%2Ftwo?keep=true', { source: file }], 405, /./],
    [['PATCH', '/streams/one', { video_crv: 20 }], 400, /did you mean video_crf/],
    [['PATCH', '/streams/one', { video_crf: 99 }], 400, /must be a whole number/],
    [['PATCH', '/streams/one', { source: null }], 400, /needs its source/],
    [['PATCH', '/streams/two', { video_crf: 20 }], 404, /no stream two/],
    [['DELETE', '/streams/two'], 404, /no stream two/],
    [['DELETE', '/streams/one'], 400, /last stream/],
    [['DELETE', '/streams/one?keep=true'], 400, /last stream/],
    [['PUT', '/streams/one?keep=maybe', { source: file }], 400, /keep/],
    [['PUT', '/streams/one?keep=true', { source: file }], 409, /livestream\.yml line 1/],
    [['POST', '/streams/two/restart'], 404, /no stream two/],
    [['POST', '/streams/one/explode'], 404, /restart, enable or disable/],
    [['DELETE', '/viewers/1'], 404, /no viewer/],
    [['POST', '/streams'], 405, /GET/],
    [['GET', '/nothing'], 404, /streams, viewers, config/],
  ]) {
    const [got, { error }] = await server.call(...call);
    assert.equal(got, status, `${call.join(' ')}: ${error}`);
    assert.match(error, says, call.join(' '));
  }
  assert.deepEqual((await server.call('GET', '/config'))[1], before);
  assert.deepEqual(readdirSync(server.cwd).filter((name) => name !== 'streams.d'), ['livestream.yml']);
  if (existsSync(join(server.cwd, 'streams.d'))) assert.deepEqual(readdirSync(join(server.cwd, 'streams.d')), []);
});

test('a kept change is a file of streams.d that only its owner reads, and outlasts the server', async (t) => {
  const file = await clip('long.mp4');
  const server = await start(t, { one: file });
  const text = `# by a program\nsource: ${file}\ntitle: \${NAME:-Door}\n`;
  await server.done('PUT', '/streams/door?keep=true', text);
  const path = join(server.cwd, 'streams.d', 'door.yml');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(server.cwd, 'streams.d')), ['door.yml']);
  await server.done('PATCH', '/streams/door?keep=true', { video_fps: 10 });
  assert.match(readFileSync(path, 'utf8'), /\$\{NAME:-Door\}/, 'a reference stays one');
  const again = await start_server(t, { cwd: server.cwd });
  const streams = (await request(again, '/api/v1/streams')).json().streams;
  assert.deepEqual(streams.map((stream) => [stream.name, stream.settings.title, stream.settings.video_fps]), [['one', 'one', 30], ['door', 'Door', 10]]);
  await server.done('DELETE', '/streams/door?keep=true');
  assert.equal(existsSync(path), false);
  assert.deepEqual(await server.names(), ['one']);
});

test('viewers are listed and sent away; the player of one may come again', async (t) => {
  const file = await clip('long.mp4');
  const server = await start(t, { one: file });
  const viewers = [1, 2].map(() => open_stream(t, server, { path: '/one/stream', headers: { 'User-Agent': 'test' } }));
  for (const viewer of viewers) await viewer.media(0.5);
  const [, { viewers: listed }] = await server.call('GET', '/viewers');
  assert.equal(listed.length, 2);
  const gone = viewers.find((viewer) => Number(viewer.headers['stream-viewer']) === listed[0].id);
  await server.done('DELETE', `/viewers/${listed[0].id}`);
  await until('the end of the response', () => gone.ended && gone.complete);
  const stays = viewers.find((viewer) => viewer !== gone);
  await stays.media(stays.checker.seconds() + 0.5);
  assert.equal(stays.ended, false);
});

test('only programs of this machine may call', async (t) => {
  const file = await clip('long.mp4');
  const secret = 'rtsp://user:hunter2@127.0.0.1:9/x';
  const server = await start(t, { one: file, camera: secret });
  for (const headers of [
    { Origin: 'http://evil.example' }, { Host: 'evil.example' }, { Host: `evil.example:${server.port}` }, { Origin: 'null' },
    { 'X-Forwarded-For': '127.0.0.1' }, { Forwarded: 'for=127.0.0.1' }, { Via: '1.1 proxy' },
  ]) {
    for (const [method, path] of [['GET', '/streams'], ['PUT', '/streams/x'], ['POST', '/reload']]) {
      assert.equal((await server.call(method, path, method === 'PUT' ? { source: file } : undefined, headers))[0], 403, JSON.stringify(headers));
    }
  }
  for (const Host of ['localhost', `localhost:${server.port}`, '127.0.0.1', `[::1]:${server.port}`]) {
    assert.equal((await server.call('GET', '/streams', undefined, { Host }))[0], 200, Host);
  }
  for (const path of ['/streams', '/streams/camera', '/config']) {
    assert.doesNotMatch(JSON.stringify(await server.call('GET', path)), /hunter2/, path);
  }
});

test('the OpenAPI document names all calls, and answers have its form', async (t) => {
  const file = await clip('long.mp4');
  const server = await start(t, { one: file });
  const document = (await request(server, '/openapi.json')).json();
  const resolved = (schema) => (schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1)] : schema);
  function conforms(value, schema, where) {
    const { type, required = [], properties = {}, items, nullable, enum: words } = resolved(schema);
    if (value === null) return assert.ok(nullable, where);
    const types = { array: Array.isArray(value), object: typeof value === 'object', integer: Number.isInteger(value), string: typeof value === 'string', boolean: typeof value === 'boolean' };
    assert.ok(types[type], `${where} is a ${type}: ${JSON.stringify(value)}`);
    if (words) assert.ok(words.includes(value), `${where}: ${value}`);
    for (const key of required) assert.ok(key in value, `${where}.${key}`);
    if (type === 'object' && Object.keys(properties).length > 0) {
      for (const key of Object.keys(value)) {
        assert.ok(properties[key], `${where}.${key} is described`);
        conforms(value[key], properties[key], `${where}.${key}`);
      }
    }
    if (type === 'array') value.forEach((item, index) => conforms(item, items, `${where}[${index}]`));
  }
  const calls = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods)
    .filter(([method]) => method !== 'parameters').map(([method, call]) => ({ path, method: method.toUpperCase(), call })));
  assert.equal(calls.length, 12);
  const viewer = open_stream(t, server, { path: '/one/stream' });
  await viewer.media(0.3);
  await server.done('PUT', '/streams/other', { source: file });
  for (const { path, method, call } of calls) {
    const real = path.replace('{name}', 'other').replace('{id}', '5');
    const [status, body] = await server.call(method, real, method === 'PUT' || method === 'PATCH' ? { source: file } : undefined);
    const described = call.responses[status];
    assert.ok(described, `${method} ${path} answered ${status}, which is not described`);
    assert.ok(status === 200 || path === '/viewers/{id}' || method === 'POST', `${method} ${path}: ${status} ${JSON.stringify(body)}`);
    conforms(body, described.content['application/json'].schema, `${method} ${path}`);
    // A method that is not described is not allowed.
    for (const other of ['GET', 'PUT', 'POST', 'PATCH', 'DELETE']) {
      if (document.paths[path][other.toLowerCase()]) continue;
      assert.equal((await server.call(other, real, other === 'GET' ? undefined : {}))[0], 405, `${other} ${path}`);
    }
    if (method === 'DELETE' && path === '/streams/{name}') await server.done('PUT', '/streams/other', { source: file });
  }
});
