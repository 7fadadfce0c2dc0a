// Random changes of the configuration, one upon the other, through files, signals and the API, while viewers watch. Viewers of a
// stream that stays are never cut off, those of a removed one get a proper end, and nothing is left behind.
// RELOADS=500 SEED=7 node --test tests/chaos/reloads.test.mjs
import assert from 'node:assert/strict';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream, request } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { children_of } from '../lib/process.mjs';
import { sanitized, start_server, temporary_directory } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { generator } from './random.mjs';

const kReloads = Number(process.env.RELOADS ?? (process.env.LIVESTREAM_LONG ? 500 : 60));
const kSeed = Number(process.env.SEED ?? Date.now() % 100000);
const kMostStreams = 6;
const slow = sanitized ? 4 : 1;

test(`${kReloads} random changes of the configuration, seed ${kSeed}`, async (t) => {
  const random = generator(kSeed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const source = await clip('long.mp4');
  const cwd = temporary_directory(t);
  const path = join(cwd, 'livestream.yml');
  // The streams as the file has them: {name: settings}. Those of the API lie over them.
  let streams = { first: { source } };
  const write = (content) => {
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  };
  const text = () => JSON.stringify({ defaults: { video_codec: 'copy', audio: 'off' }, streams });
  write(text());
  const server = await start_server(t, { cwd });
  const names = async () => (await request(server, '/streams.json')).json().streams.map((stream) => stream.name);
  const count = () => ({ threads: readdirSync(`/proc/${server.pid}/task`).length, files: readdirSync(`/proc/${server.pid}/fd`).length });
  let viewers = [];
  function watch(name) {
    const viewer = open_stream(t, server, { path: `/${name}/stream` });
    viewers.push(Object.assign(viewer, { stream: name }));
  }
  async function load() {
    const at = server.stderr.length;
    write(text());
    server.kill('SIGHUP');
    await until('the change is in force', () => /is in force/.test(server.stderr.slice(at)), { seconds: 20 * slow });
  }
  const one_is_left = () => until('one process is left', () => children_of(server.pid).filter((child) => child.state !== 'Z').length === 1, { seconds: 15 * slow });
  // The thread of a stream that is gone waits for the next new one: the measure is taken after as many as there will be.
  for (let i = 1; i < kMostStreams; i++) streams[`w${i}`] = { source };
  await load();
  streams = { first: { source } };
  await load();
  await one_is_left();
  const base = count();
  // A stream that is renamed is added before the old one has ended.
  const kSpare = 2;
  const kFilesOfThread = 3;

  const call = async (method, address, body) => {
    const answer = await request(server, `/api/v1${address}`, { method, body: body && JSON.stringify(body) });
    assert.equal(answer.status, 200, `${method} ${address}: ${answer.text()}`);
  };
  const any = () => pick(Object.keys(streams));
  let made = 0;
  const operations = {
    async add() {
      if (Object.keys(streams).length >= kMostStreams) return;
      streams[`s${++made}`] = { source };
      await load();
    },
    async remove() {
      if (Object.keys(streams).length === 1) return;
      delete streams[any()];
      await load();
    },
    async rename() {
      const { [any()]: moved, ...others } = streams;
      streams = { ...others, [`s${++made}`]: moved ?? { source } };
      await load();
    },
    async encode() {
      streams[any()] = { source, video_codec: 'libx264', video_resolution: '64x36', video_fps: 5 };
      await load();
    },
    async title() {
      streams[any()].title = `Title ${made}`;
      await load();
    },
    async demand() {
      const settings = streams[any()];
      settings.on_demand = !settings.on_demand;
      settings.linger = 0.5;
      await load();
    },
    async broken() {
      const at = server.stderr.length;
      write(pick(['streams: [', 'streams: {x: {source: a, video_crf: 99}}', '{', 'streams: {"": demo}']));
      server.kill('SIGHUP');
      await until('the fault is said', () => /changes nothing/.test(server.stderr.slice(at)), { seconds: 20 * slow });
      await load();
    },
    async restart() { await call('POST', `/streams/${pick(await names())}/restart`); },
    async burst() {
      for (let i = 0; i < 5; i++) {
        streams[any()].title = `Burst ${i}`;
        write(text());
        server.kill('SIGHUP');
      }
      await load();
    },
    async patched() {
      const name = any();
      await call('PATCH', `/streams/${name}`, { title: 'Patched' });
    },
  };

  for (let i = 0; i < kReloads; i++) {
    for (const name of await names()) if (viewers.filter((viewer) => viewer.stream === name).length < 2) watch(name);
    const operation = pick(Object.keys(operations));
    try {
      await operations[operation]();
    } catch (error) {
      throw new Error(`change ${i}, ${operation}: ${error.message}\n${server.stderr.slice(-2000)}`);
    }
    // The line in the log may have been that of a change before.
    const now = Object.keys(streams);
    await until(`change ${i}, ${operation}: the streams are ${now}`, async () => (await names()).join() === now.join(), { seconds: 20 * slow });
    if (random() < 0.3) await sleep(200);
    for (const viewer of viewers.filter((one) => !now.includes(one.stream))) {
      await until(`${operation}: the end for a viewer of ${viewer.stream}`, () => viewer.ended, { seconds: 10 * slow });
      assert.ok(viewer.status === 404 || viewer.complete, `${operation}: a proper end`);
    }
    viewers = viewers.filter((viewer) => now.includes(viewer.stream));
    for (const viewer of viewers) assert.deepEqual([viewer.ended, viewer.error], [false, null], `change ${i}, ${operation}: a viewer of ${viewer.stream}`);
  }

  streams = { first: { source } };
  await load();
  for (const viewer of viewers) await viewer.close();
  await one_is_left();
  await until('descriptors and threads are as before', () => count().files <= base.files + 4 + kSpare * kFilesOfThread && count().threads <= base.threads + kSpare + 1, { seconds: 70 })
    .catch((error) => { throw new Error(`${error.message}: ${JSON.stringify({ base, now: count() })}`); });
  await open_stream(t, server, { path: '/first/stream' }).media(1);
  assert.doesNotMatch(server.stderr, /Sanitizer/);
});
