// The server and its ffmpeg as processes: stopping, being killed, and restarting.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { get, open_socket, open_stream } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { alive, children_of, run } from '../lib/process.mjs';
import { program, sanitized, start_server, temporary_directory } from '../lib/server.mjs';
import { free_port, start_http, start_tcp } from '../lib/sources.mjs';
import { sleep, until, within } from '../lib/wait.mjs';

const demo = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };
const patience = sanitized ? 6000 : 2000;

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} ends the viewers' responses properly, stops ffmpeg and exits 0 within 2 s`, async (t) => {
    const server = await start_server(t, { env: demo });
    const viewers = [0, 1, 2].map(() => open_stream(t, server));
    const idle = open_socket(t, server, 'GET /time HTTP/1.1\r\nHost: a\r\n\r\n');
    await Promise.all(viewers.map((viewer) => viewer.media(0.5)));
    await idle.until(/time_ms/);
    const children = children_of(server.pid).map((process) => process.pid);
    assert.ok(children.length >= 1);
    const started = Date.now();
    server.kill(signal);
    const exit = await within('exit', server.ended, 10);
    assert.equal(exit.code, 0, server.stderr);
    assert.ok(exit.at - started < patience, `${exit.at - started} ms`);
    for (const viewer of viewers) {
      await until('the response ends', () => viewer.ended, { seconds: 2 });
      assert.equal(viewer.error, null);
      assert.equal(viewer.complete, true, 'the last chunk came');
      viewer.checker.end();
    }
    for (const pid of children) assert.equal(alive(pid), false, `ffmpeg ${pid} is left`);
  });
}

test('SIGTERM does not wait for a viewer that reads nothing', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: await clip('8mbit.mp4'), VIDEO_CODEC: 'copy' } });
  const stuck = open_stream(t, server, { check: false });
  await stuck.until('bytes', (viewer) => viewer.bytes > 0);
  stuck.pause();
  await until('its socket is full', async () => (await server.stats()).viewers[0]?.lag_seconds > 0.5, { seconds: 30 });
  const started = Date.now();
  server.kill('SIGTERM');
  const exit = await within('exit', server.ended, 10);
  assert.equal(exit.code, 0);
  assert.ok(exit.at - started < patience, `${exit.at - started} ms`);
});

test('a second signal exits at once', async (t) => {
  // After the first signal the server would wait for this ffmpeg, which ignores SIGTERM.
  const directory = temporary_directory(t);
  const stubborn = join(directory, 'ffmpeg');
  writeFileSync(stubborn, `#!/bin/bash\ncase "$*" in *pipe:1*) trap '' TERM; ffmpeg "$@" & while :; do wait; sleep 0.1; done;; *) exec ffmpeg "$@";; esac\n`);
  chmodSync(stubborn, 0o755);
  const server = await start_server(t, { env: { ...demo, FFMPEG: stubborn } });
  const family = children_of(server.pid).flatMap((child) => [child, ...children_of(child.pid)]);
  const started = Date.now();
  server.kill('SIGTERM');
  server.kill('SIGTERM');
  server.kill('SIGINT');
  const exit = await within('exit', server.ended, 10);
  assert.ok(exit.at - started < 500 * (sanitized ? 4 : 1), `${exit.at - started} ms`);
  await until('no child is left', () => !family.some((process) => alive(process.pid)), { seconds: 3 });
});

test('kill -9 of the server leaves no ffmpeg', async (t) => {
  const server = await start_server(t, { env: demo });
  const children = children_of(server.pid).map((process) => process.pid);
  server.kill('SIGKILL');
  await server.ended;
  await until('ffmpeg is gone', () => !children.some(alive), { seconds: 3 });
});

test('ffmpeg is restarted at once after ten seconds of work, else a second later, without a zombie, and /stats counts it', async (t) => {
  const server = await start_server(t, { env: demo });
  const kill = async () => {
    const old = await until('an ffmpeg', () => server.ffmpeg()?.pid);
    process.kill(old, 'SIGKILL');
    const killed = Date.now();
    await until('another ffmpeg', () => server.ffmpeg() && server.ffmpeg().pid !== old, { seconds: 5 });
    return Date.now() - killed;
  };
  const restarted = async (times) => {
    await until('fragments flow again', async () => {
      const { source, broadcaster } = await server.stats();
      return source.restarts === times && broadcaster.running;
    });
    assert.deepEqual(children_of(server.pid).filter((child) => child.state === 'Z'), []);
  };
  await sleep(10_500);
  const at_once = await kill();
  assert.ok(at_once < 600, `${at_once} ms`);
  await restarted(1);
  const later = await kill();
  assert.ok(later > 600 && later < 2000, `${later} ms`);
  await restarted(2);
  assert.match((await server.stats()).source.last_error ?? '', /signal|kill/i);
});

test('a SIGCHLD that the parent ignores: the end of ffmpeg is noticed all the same', async (t) => {
  const ignoring = 'import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])';
  const server = await start_server(t, { env: demo, command: ['/usr/bin/python3', '-c', ignoring, program] });
  const { pid } = server.ffmpeg();
  process.kill(pid, 'SIGKILL');
  await until('another ffmpeg', () => server.ffmpeg() && server.ffmpeg().pid !== pid, { seconds: 5 });
  await server.wait_running();
  // The end of the test checks that SIGTERM ends the server.
  assert.equal((await server.stats()).source.restarts, 1);
});

test('GROWING_FILE with a FIFO is refused in words, and the server answers and stops', async (t) => {
  const pipe = join(temporary_directory(t), 'pipe.ts');
  assert.equal((await run('mkfifo', [pipe])).code, 0);
  const server = await start_server(t, { env: { VIDEO_FILE: pipe, GROWING_FILE: '1' }, ready: false });
  await until('the words', async () => /is not a regular file/.test((await server.stats()).source.last_error ?? ''), { seconds: 5 });
  const started = Date.now();
  await server.stop();
  assert.ok(Date.now() - started < patience, `${Date.now() - started} ms`);
});

test('an ffmpeg that hangs on -encoders ends neither the stream nor delays the stop', async (t) => {
  const hanging = join(temporary_directory(t), 'ffmpeg');
  writeFileSync(hanging, '#!/bin/bash\ncase "$*" in *-encoders*) exec sleep 60;; *) exec ffmpeg "$@";; esac\n');
  chmodSync(hanging, 0o755);
  const env = { ...demo, FFMPEG: hanging };
  const [kept, stopped] = await Promise.all([start_server(t, { env }), start_server(t, { env })]);
  const started = Date.now();
  await stopped.stop();
  assert.ok(Date.now() - started < patience, `${Date.now() - started} ms`);
  // The look at ffmpeg is given up after ten seconds.
  await sleep(12_000);
  assert.equal(kept.exit, null, kept.stderr);
  const { source } = await kept.stats();
  assert.deepEqual([source.state, source.restarts], ['running', 0], source.last_error ?? '');
});

test('between starts that produce nothing it waits longer and longer, and a source that appears heals', async (t) => {
  const cwd = temporary_directory(t);
  const server = await start_server(t, { env: { VIDEO_FILE: 'later.mp4' }, cwd, ready: false });
  const waits = [];
  await until('three attempts', async () => {
    const { source } = await server.stats();
    const { restarts, retry_in_seconds } = source;
    if (source.state === 'waiting' && retry_in_seconds !== null) waits[restarts] = Math.max(waits[restarts] ?? 0, retry_in_seconds);
    return waits.filter((wait) => wait > 0).length >= 3;
  }, { seconds: 25 });
  const steps = waits.filter((wait) => wait > 0).slice(0, 3);
  assert.ok(steps[0] <= 1 && steps[1] > steps[0] && steps[2] > steps[1], `${steps}`);
  const { source, broadcaster } = await server.stats();
  assert.equal(broadcaster.running, false);
  assert.match(source.last_error, /later\.mp4|No such file/);
  // A rename, so that it is never seen half-written.
  writeFileSync(join(cwd, 'part'), readFileSync(await clip('clip.mp4')));
  renameSync(join(cwd, 'part'), join(cwd, 'later.mp4'));
  await server.wait_running(35);
  assert.deepEqual(children_of(server.pid).filter((child) => child.state === 'Z'), []);
});

test('a source that stalls without closing is restarted by the watchdog', async (t) => {
  // Sends some seconds of MPEG-TS, then nothing, with the connection open; the second client gets everything.
  const stream = readFileSync(await clip('interlaced.ts'));
  let connections = 0;
  const source = await start_http(t, (request, response) => {
    response.writeHead(200, { 'Content-Type': 'video/mp2t' });
    if (request.method !== 'HEAD') response.write(stream);
    ++connections;
  });
  const server = await start_server(t, { env: { VIDEO_FILE: `${source.url}/stall.ts`, VIDEO_RESOLUTION: '320x180' } });
  const viewer = open_stream(t, server);
  await viewer.media(1);
  const first = server.ffmpeg().pid;
  const before = connections;
  await until('ffmpeg has been replaced', () => server.ffmpeg() && server.ffmpeg().pid !== first, { seconds: 40 });
  await until('the source was asked again', () => connections > before);
  const known = viewer.checker.fragments.length;
  await viewer.until('the same response goes on', () => viewer.checker.fragments.length > known + 10);
});

test('while nothing flows, state messages come each second in the open response', async (t) => {
  const port = await free_port();
  const sender = await start_tcp(t, port);
  const server = await start_server(t, { env: { SLATE: '0', VIDEO_FILE: `tcp://127.0.0.1:${port}`, VIDEO_RESOLUTION: '320x180' }, ready: false });
  await server.wait_running(20);
  const viewer = open_stream(t, server);
  await viewer.media(1);
  await sender.stop();
  await viewer.until('four messages', () => viewer.checker.messages.length >= 4, 30);
  const states = viewer.checker.messages.map((each) => each.message.state);
  assert.ok(states.some((state) => state === 'waiting'), states.join());
  for (const { scheme, value, timescale, message } of viewer.checker.messages) {
    assert.equal(scheme, 'urn:livestream-server:state');
    assert.equal(value, '1');
    assert.equal(timescale, 1000);
    assert.match(message.state, /^(starting|running|waiting|stopped)$/);
  }
  const steady = viewer.checker.messages.slice(-3).map((each) => each.at);
  assert.ok(steady[1] - steady[0] < 1700 && steady[2] - steady[1] < 1700, steady.join());
  const waiting = viewer.checker.messages.find((each) => each.message.state === 'waiting').message;
  assert.equal(typeof waiting.retry_in_ms, 'number');
  assert.ok(waiting.error);
  await start_tcp(t, port);
  const known = viewer.checker.of('video').length;
  await viewer.until('the picture is back', () => viewer.checker.of('video').length > known + 30, 45);
  assert.deepEqual((await get(server, '/stats')).json().broadcaster, { state: 'running', running: true });
});
