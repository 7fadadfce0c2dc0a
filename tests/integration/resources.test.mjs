// A resource of the machine runs out, or its clock is set: one log line names the cause and the cure, viewers continue,
// and the server recovers when the resource is back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync, closeSync, copyFileSync, existsSync, openSync, readdirSync, renameSync, writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { cleanup } from '../lib/cleanup.mjs';
import { get, open_socket, open_stream, split_responses } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { children_of, run } from '../lib/process.mjs';
import { environment, program, sanitized, start_server, temporary_directory } from '../lib/server.mjs';
import { free_port } from '../lib/sources.mjs';
import { until, within } from '../lib/wait.mjs';

const demo = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };
const lines_of = (server, pattern) => server.stderr.split('\n').filter((line) => pattern.test(line));

// The limit of processes does not apply to root.
const as_ordinary_user = process.getuid() === 0 ? ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups'] : [];

// A server run by an ordinary user, who may not be allowed into the folder of the program under test.
function start_ordinary_server(t, options) {
  const cwd = temporary_directory(t);
  chmodSync(cwd, 0o755);
  copyFileSync(program, join(cwd, 'livestream-server'));
  return start_server(t, { ...options, cwd, command: [...as_ordinary_user, join(cwd, 'livestream-server')] });
}

// Sets a soft limit of the server of an ordinary user; returns the function that restores it.
async function limit(server, resource, soft) {
  const prlimit = async (...args) => {
    const [command, ...rest] = [...as_ordinary_user, 'prlimit', '--pid', String(server.pid), ...args];
    const { code, stdout, stderr } = await run(command, rest);
    assert.equal(code, 0, stderr);
    return stdout.toString().trim();
  };
  const before = await prlimit(`--${resource}`, '--output=SOFT', '--noheadings');
  await prlimit(`--${resource}=${soft}:`);
  return () => prlimit(`--${resource}=${before}:`);
}

// The answer to one more request over the connection `kept`.
async function ask(kept, path) {
  kept.text = '';
  kept.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  return until(`${path} answers`, () => {
    const [answer] = split_responses(kept.text);
    return answer?.body.length === Number(answer?.headers['content-length']) && answer;
  });
}

// The limit that leaves two free descriptors. ffmpeg's pipes need more, with numbers from 10 on.
function room_for_two({ pid }) {
  const taken = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let number = 10;
  for (let free = 0; free < 2 || taken.has(number); ++number) free += taken.has(number) ? 0 : 1;
  return number;
}

const shortages = [
  { what: 'no process can be started', resource: 'nproc', least: () => 1,
    words: /could not be started: Resource temporarily unavailable.*ulimit -u/ },
  { what: 'no descriptor is left for ffmpeg', resource: 'nofile', least: room_for_two,
    words: /could not be started: Too many open files.*ulimit -n/ },
];

// Two tests at a time, because the first one mostly waits.
describe('resources', { concurrency: 2 }, () => {
  test('a viewer who reads nothing is closed after half a minute, the other one is not disturbed', async (t) => {
    const server = await start_server(t, { env: { VIDEO_FILE: await clip('8mbit.mp4'), VIDEO_CODEC: 'copy' } });
    const reader = open_stream(t, server);
    await reader.media(1);
    const stuck = open_socket(t, server);
    stuck.socket.pause();
    stuck.write('GET /stream HTTP/1.1\r\nHost: a\r\nUser-Agent: stuck\r\n\r\n');
    const is_there = async () => (await server.stats()).viewers.some((viewer) => viewer.user_agent === 'stuck');
    await until('it has joined', is_there);
    const joined_at = Date.now();
    await until('it has been closed', async () => !await is_there(), { seconds: 60, every_ms: 250 });
    const seconds = (Date.now() - joined_at) / 1000;
    t.diagnostic(`closed after ${seconds} s`);
    assert.ok(seconds > 29 && seconds < 45);
    stuck.socket.resume();
    await until('its connection ends', () => stuck.closed);

    assert.equal(reader.error, null);
    assert.deepEqual(reader.checker.gaps(0.1), []);
    const { viewers, broadcaster } = await server.stats();
    assert.equal(viewers.length, 1);
    assert.equal(viewers[0].fragments_dropped, 0);
    assert.equal(broadcaster.running, true);
  });

  test('a machine that is too slow to encode says so once, with the cure, and still answers', async (t) => {
    const server = await start_server(t, { ready: false,
      env: { VIDEO_FILE: 'demo', VIDEO_PRESET: 'placebo', VIDEO_RESOLUTION: '1920x1080', VIDEO_FPS: '240' } });
    const cure = /cannot encode the source in real time.*VIDEO_PRESET/;
    const { stream } = await until('the warning', async () => {
      const stats = await server.stats();
      return cure.test(stats.source.warning ?? '') && stats;
    }, { seconds: 60 });
    const looked_at_again = async () => (await server.stats()).stream.elapsed_seconds > stream.elapsed_seconds + 2;
    await until('it has been looked at again', looked_at_again);
    assert.equal((await get(server, '/healthz')).status, 200);
    assert.equal(lines_of(server, cure).length, 1, server.stderr);
  });

  for (const { what, resource, least, words } of shortages) {
    test(`${what}: named once with the cure, the viewer's response goes on, and it heals`, async (t) => {
      const server = await start_ordinary_server(t, { env: demo });
      // Open no connection while descriptors are few: it could take one that ffmpeg is to lack.
      const kept = open_socket(t, server);
      const stats = async () => JSON.parse((await ask(kept, '/stats')).body);
      const viewer = open_stream(t, server);
      await viewer.media(1);
      await stats();
      await until('ffmpeg alone is left of what it started', () => children_of(server.pid).length === 1);
      const known_lines = lines_of(server, /./).length;
      const restore = await limit(server, resource, least(server));
      process.kill(server.ffmpeg().pid, 'SIGKILL');
      const { broadcaster } = await until('the words', async () => {
        const now = await stats();
        return words.test(now.source.last_error ?? '') && now;
      });
      assert.deepEqual(broadcaster, { state: 'waiting', running: false });

      const known_messages = viewer.checker.messages.length;
      await viewer.until('five seconds of messages', ({ checker }) => checker.messages.length >= known_messages + 5);
      assert.match(viewer.checker.messages.at(-1).message.error, words);
      assert.equal((await ask(kept, '/healthz')).status, 200);
      const said = lines_of(server, /./).slice(known_lines);
      // Three lines: ffmpeg has ended, it cannot be started, and no slate can be made for the same reason.
      assert.equal(said.filter((line) => /source away/.test(line) && words.test(line)).length, 1, said.join('\n'));
      assert.ok(said.length <= 3, said.join('\n'));

      await restore();
      const known = viewer.checker.of('video').length;
      await viewer.until('the picture is back', ({ checker }) => checker.of('video').length > known + 30, 45);
      assert.equal((await stats()).broadcaster.running, true);
    });
  }

  test('connections use up all descriptors: each listening socket accepts again, and the log says so once', async (t) => {
    const server = await start_ordinary_server(t, { host: '0.0.0.0',
      env: { ...demo, WORKERS: '1', MAX_CONNECTIONS_PER_ADDRESS: '0' } });
    const hosts = ['127.0.0.1', '::1'];
    const restore = await limit(server, 'nofile', room_for_two(server));
    // Half a request each, because an idle connection would give way. Both sockets have connections that wait.
    const held = hosts.flatMap((host) => Array.from({ length: 10 }, () => open_socket(t, server, 'GET / HTTP/1.1\r\nHo', { host })));
    await until('the log says so', () => lines_of(server, /cannot accept more connections.*ulimit -n/).length > 0);
    await restore();
    for (const { socket } of held) socket.destroy();
    for (const host of hosts)
      await until(`${host} answers`, async () => (await get(server, '/healthz', { host })).status === 200);
    await until('the log says that it is over', () => lines_of(server, /accepting connections again/).length > 0, { seconds: 20 });
    assert.equal(lines_of(server, /cannot accept more connections/).length, 1, server.stderr);
    assert.equal(lines_of(server, /accepting connections again/).length, 1, server.stderr);
  });

  test('the log goes to a full disk: it serves, and ends as asked', async (t) => {
    const full = openSync('/dev/full', 'w');
    const port = await free_port();
    const child = spawn(program, [], { cwd: temporary_directory(t), stdio: ['ignore', full, full],
      env: environment({ ...demo, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'debug' }) });
    closeSync(full);
    const ended = new Promise((resolve) => { child.on('close', (code, signal) => resolve({ code, signal })); });
    cleanup(t, () => child.kill('SIGKILL'));
    const server = { port };
    await until('it answers', async () => (await get(server, '/healthz')).status === 200);
    const viewer = open_stream(t, server);
    await viewer.media(2);
    child.kill('SIGTERM');
    assert.deepEqual(await within('exit', ended, 10), { code: 0, signal: null });
    await until('the response ends', () => viewer.ended);
    assert.equal(viewer.error, null);
    assert.equal(viewer.complete, true);
  });

  // A preloaded library cannot be used together with the sanitizers' own.
  if (sanitized) return;
  test('the clock is set forward an hour and back two: pictures go on, and the time told is the new one', async (t) => {
    const file = join(temporary_directory(t), 'clock');
    const set_clock = (offset_s) => {
      writeFileSync(`${file}.new`, `${offset_s < 0 ? '' : '+'}${offset_s}s\n`);
      renameSync(`${file}.new`, file);
    };
    set_clock(0);
    // The folder is named after the architecture; MT is the one for programs with threads.
    const library = readdirSync('/usr/lib')
      .map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketimeMT.so.1')).find(existsSync);
    assert.ok(library, 'libfaketime is installed');
    const server = await start_server(t, { env: { ...demo, LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' } });
    const viewer = open_stream(t, server);
    await viewer.media(1);
    const { pid } = server.ffmpeg();

    const looks = [];
    const look = async () => {
      const [{ broadcaster, source, viewers }, ready, time] =
        await Promise.all([server.stats(), get(server, '/readyz'), get(server, '/time')]);
      const ages = [source.last_fragment_age_seconds, viewers[0].connected_seconds];
      looks.push({ ready: ready.status, running: broadcaster.running, restarts: source.restarts,
        error: source.last_error, ages_are_sane: ages.every((age) => age >= 0 && age < 120) });
      const { prft } = viewer.checker.fragments.findLast((fragment) => fragment.prft);
      return [time.json().time_ms, Date.parse(time.headers.date), prft.unix_ms];
    };
    for (const offset_s of [3600, -3600]) {
      set_clock(offset_s);
      const is_new = (ms) => Math.abs(ms - offset_s * 1000 - Date.now()) < 3000;
      await until('the new time is told', async () => (await look()).every(is_new));
      await viewer.media(viewer.checker.seconds() + 3);
      await look();
    }
    for (const each of looks) {
      assert.deepEqual(each, { ready: 200, running: true, restarts: 0, error: null, ages_are_sane: true });
    }
    const arrivals = viewer.checker.of('video').map(({ at }) => at);
    const longest_ms = Math.max(...arrivals.slice(1).map((at, index) => at - arrivals[index]));
    assert.ok(longest_ms < 2000, `no picture for ${longest_ms} ms`);
    assert.deepEqual(viewer.checker.gaps(0.1), []);
    t.diagnostic(`at most ${longest_ms} ms between pictures`);
    assert.equal(server.ffmpeg().pid, pid);
  });
});
