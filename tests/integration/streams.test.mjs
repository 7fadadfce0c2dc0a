// Many streams in one server: their addresses, and what a change of the configuration restarts.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { get, open_stream } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { children_of } from '../lib/process.mjs';
import { run_server, start_server, temporary_directory } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const kSlowly = { seconds: 20 };

// livestream.yml of these streams, {name: settings}; a text is a source. Passed through, so that many cost little.
function write_config(cwd, streams, defaults = { video_codec: 'copy', audio: 'off' }) {
  writeFileSync(join(cwd, 'livestream.yml'), JSON.stringify({ defaults, streams }));
}

async function start(t, streams, options = {}) {
  const cwd = temporary_directory(t);
  write_config(cwd, streams);
  const server = await start_server(t, { cwd, ...options });
  server.configure = (changed) => write_config(cwd, changed);
  server.names = async () => (await get(server, '/streams.json')).json().streams.map((stream) => stream.name);
  server.running = () => until('all streams run', async () => {
    const { streams: listed } = (await get(server, '/streams.json')).json();
    return listed.every((stream) => stream.state === 'running');
  }, kSlowly);
  return server;
}

// The processes that read sources.
const fed = (server) => children_of(server.pid).filter((child) => child.state !== 'Z' && child.arguments.includes('-i'));
// The one that reads this file.
const feeder_of = (server, path) => fed(server).find((child) => child.arguments.some((argument) => argument.endsWith(path)))?.pid;

// Sends SIGHUP and waits until the server has said what became of it.
async function reload(server, says = /the configuration is in force/) {
  const before = server.stderr.length;
  server.kill('SIGHUP');
  await until('the configuration was loaded again', () => says.test(server.stderr.slice(before)));
}

test('each stream has its page, its stream and its statistics below its name; the root has those of the first', async (t) => {
  const file = await clip('long.mp4');
  const server = await start(t, { front: { source: file, title: 'Front <door>' }, 'back-yard': file, studio_2: file });
  await server.running();
  assert.deepEqual(await server.names(), ['front', 'back-yard', 'studio_2']);
  for (const name of ['front', 'back-yard', 'studio_2']) {
    const viewer = open_stream(t, server, { path: `/${name}/stream` });
    await viewer.media(1);
    const stats = (await get(server, `/${name}/stats`)).json();
    assert.equal(stats.stream.name, name);
    assert.equal(stats.stream.epoch, viewer.headers['stream-epoch']);
    assert.equal((await get(server, `/${name}/readyz`)).status, 200);
  }
  const root = open_stream(t, server);
  await root.media(1);
  assert.equal((await get(server, '/stats')).json().stream.epoch, root.headers['stream-epoch']);
  assert.equal((await get(server, '/stats')).json().stream.name, 'front');
  assert.match((await get(server, '/front/')).text(), /<title>Front &lt;door&gt;<\/title>/);
  assert.match((await get(server, '/back-yard/')).text(), /<title>back-yard<\/title>/);
  assert.equal((await get(server, '/studio_2/page.js')).status, 200);
  assert.equal((await get(server, '/studio_2/time')).status, 200);

  const redirect = await get(server, '/front?x=1');
  assert.deepEqual([redirect.status, redirect.headers.location], [301, 'front/?x=1']);
  for (const path of ['/fron/stream', '/Front/stream', '/front/front/stream', '/front/nothing', '/default/stream', '/front//stream']) {
    assert.equal((await get(server, path)).status, 404, path);
  }
  assert.equal((await get(server, '/front/stream', { method: 'POST' })).status, 405);
});

test('another quality of one of sixteen streams restarts that one alone', async (t) => {
  const file = await clip('long.mp4');
  // A file of its own for each, so that processes can be told apart.
  const folder = temporary_directory(t);
  const streams = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`camera${i + 1}`, join(folder, `${i + 1}.mp4`)]));
  for (const path of Object.values(streams)) copyFileSync(file, path);
  const server = await start(t, streams);
  await server.running();
  const viewers = Object.fromEntries(Object.keys(streams).map((name) => [name, open_stream(t, server, { path: `/${name}/stream` })]));
  for (const viewer of Object.values(viewers)) await viewer.media(1);
  const pids = () => Object.fromEntries(Object.entries(streams).map(([name, path]) => [name, feeder_of(server, path)]));
  const before = pids();
  assert.equal(new Set(Object.values(before)).size, 16);

  const changed = { ...streams, camera5: { source: streams.camera5, video_codec: 'libx264', video_resolution: '160x90' } };
  server.configure(changed);
  await reload(server);
  const { camera5, ...others } = viewers;
  await camera5.until('another size', () => camera5.checker.video.width === 160);
  await until('one process for each', () => fed(server).length === 16, kSlowly);
  const seen = Object.fromEntries(Object.entries(others).map(([name, viewer]) => [name, viewer.checker.seconds()]));
  for (const [name, viewer] of Object.entries(others)) {
    await viewer.media(seen[name] + 1.5);
    assert.deepEqual([viewer.ended, viewer.error, viewer.checker.gaps()], [false, null, []], name);
  }
  assert.equal(camera5.ended, false, 'its viewer stays as well');
  const after = pids();
  assert.ok(after.camera5);
  assert.notEqual(after.camera5, before.camera5);
  assert.deepEqual({ ...after, camera5: 0 }, { ...before, camera5: 0 }, 'the others are read by the same processes');
  assert.equal((server.stderr.match(/settings changed/g) ?? []).length, 1);
});

test('removed, added and renamed streams: viewers of a removed one get a proper end, others notice nothing', async (t) => {
  const file = await clip('long.mp4');
  const server = await start(t, { stays: file, goes: file, old: file });
  await server.running();
  const [stays, goes, old] = ['stays', 'goes', 'old'].map((name) => open_stream(t, server, { path: `/${name}/stream` }));
  for (const viewer of [stays, goes, old]) await viewer.media(1);
  server.configure({ stays: file, renamed: file, comes: { source: file, title: 'New' } });
  await reload(server);
  for (const viewer of [goes, old]) {
    await until('the end of the response', () => viewer.ended);
    assert.deepEqual([viewer.complete, viewer.error], [true, null]);
  }
  assert.deepEqual(await server.names(), ['stays', 'renamed', 'comes']);
  for (const name of ['renamed', 'comes']) await open_stream(t, server, { path: `/${name}/stream` }).media(1);
  assert.equal((await get(server, '/goes/stream')).status, 404);
  await stays.media(stays.checker.seconds() + 1);
  assert.deepEqual([stays.ended, stays.checker.gaps()], [false, []]);
  await until('three processes', () => fed(server).length === 3, kSlowly);

  // Only the title: the page changes, the source does not.
  const pids = () => fed(server).map((child) => child.pid).sort();
  const running = pids();
  server.configure({ stays: { source: file, title: 'Other' }, renamed: file, comes: file });
  await reload(server);
  assert.match((await get(server, '/stays/')).text(), /<title>Other<\/title>/);
  assert.deepEqual(pids(), running);
  assert.equal(stays.ended, false);
});

test('a faulty file changes nothing and says so; a changed file is loaded by itself', async (t) => {
  const file = await clip('long.mp4');
  const server = await start(t, { one: file });
  await server.running();
  const viewer = open_stream(t, server, { path: '/one/stream' });
  await viewer.media(1);
  const faults = [
    ['streams: [', /changes nothing: .*livestream\.yml line 1/],
    ['streams: {one: demo, Two: demo}', /changes nothing: .*Two/],
    ['streams: {one: {source: demo, video_crf: 99}}', /changes nothing: .*video_crf/],
    ['streams: {one: "gopher://x/y"}', /changes nothing: .*gopher/],
    ['streams: {one: {source: demo, video_crv: 20}}', /changes nothing: .*video_crf/],
  ];
  for (const [text, says] of faults) {
    writeFileSync(join(server.cwd, 'livestream.yml'), text);
    await reload(server, says);
  }
  rmSync(join(server.cwd, 'livestream.yml'));
  server.configure({ one: file, two: file });
  await until('the second stream, without a signal', async () => (await server.names()).length === 2, { seconds: 8 });
  mkdirSync(join(server.cwd, 'streams.d'));
  writeFileSync(join(server.cwd, 'streams.d', 'three.yml'), 'source: [');
  await until('the fault of a new file', () => /changes nothing: .*three\.yml/.test(server.stderr), { seconds: 8 });
  writeFileSync(join(server.cwd, 'streams.d', 'three.yml'), JSON.stringify({ source: file }));
  await until('the third stream', async () => (await server.names()).join() === 'one,two,three', { seconds: 8 });
  await viewer.media(viewer.checker.seconds() + 1);
  assert.deepEqual([viewer.ended, viewer.checker.gaps()], [false, []]);
  writeFileSync(join(server.cwd, 'livestream.yml'), JSON.stringify({ max_clients: 7, workers: 3, streams: { one: file } }));
  await until('what needs a restart is named', () => /started again: max_clients, workers/.test(server.stderr), { seconds: 8 });
});

test('several sources on the command line are streams named after them', async (t) => {
  const file = await clip('long.mp4');
  const server = await start_server(t, { args: [file, 'demo'] });
  const { streams } = (await get(server, '/streams.json')).json();
  assert.equal(streams.length, 2);
  for (const { name } of streams) await open_stream(t, server, { path: `/${name}/stream` }).media(0.5);
  const checked = await run_server(t, { args: [file, file, 'rtsp://user:secret@camera.example:8554/main', '--check'] });
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, /^ {2}camera-example:/m);
  assert.doesNotMatch(checked.stdout, /secret/);
});

test('a stream on demand runs for its viewers alone', async (t) => {
  const file = await clip('long.mp4');
  const server = await start(t, { asleep: { source: file, on_demand: true, linger: 1 }, awake: file }, { ready: false });
  await until('the other stream runs', async () => (await get(server, '/awake/readyz')).status === 200, kSlowly);
  const count = () => fed(server).length;
  assert.equal(count(), 1);
  for (let i = 0; i < 3; i++) {
    const viewer = open_stream(t, server, { path: '/asleep/stream' });
    await viewer.media(0.5);
    assert.equal(count(), 2);
    await viewer.close();
    await until('it has been stopped', () => count() === 1, { seconds: 6 });
  }
  const waiting = open_stream(t, server, { path: '/asleep/stream' });
  await waiting.media(0.5);
  server.configure({ awake: file, asleep: file });
  await reload(server);
  await waiting.media(waiting.checker.seconds() + 0.5);
  assert.equal(waiting.ended, false, 'always on from now on, for the same viewer');
  await waiting.close();
});
