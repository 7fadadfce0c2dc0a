// Starts and stops the program under test as a user does.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cleanup } from './cleanup.mjs';
import { alive, children_of, resident_bytes, run } from './process.mjs';
import { get } from './http.mjs';
import { until, within } from './wait.mjs';

export const program = resolve(process.env.LIVESTREAM_SERVER ?? new URL('../../build/dev/livestream-server', import.meta.url).pathname);

// Builds with sanitizers are several times slower.
export const sanitized = /\/(asan|tsan)\//.test(program);

// The variables that every program needs; other variables of the caller must not configure the server.
export function environment(extra) {
  const kept = {};
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG', 'ASAN_OPTIONS', 'TSAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS']) {
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  }
  return { ...kept, ...extra };
}

// A directory that is removed when the test ends.
export function temporary_directory(t) {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-'));
  cleanup(t, () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

// Runs the server until it exits by itself (--help, --check, errors of configuration): {code, stdout, stderr}.
export async function run_server(t, { env = {}, args = [], cwd } = {}) {
  const result = await run(program, args, { env: environment(env), cwd: cwd ?? temporary_directory(t), seconds: 30 });
  assert.equal(result.signal, null, `the server did not end: ${result.stderr}`);
  return { ...result, stdout: result.stdout.toString() };
}

// A server on a free port. It is stopped by SIGTERM when the test ends, and must then end with 0 and leave no child.
// `env` are its variables, `args` its flags, `ready` whether to wait until fragments flow; `command` is what starts it.
export async function start_server(t, { env = {}, args = [], cwd, ready = true, port = 0, host, command = [program] } = {}) {
  const server = {
    stdout: '', stderr: '', exit: null, env,
    cwd: cwd ?? temporary_directory(t),
  };
  const child = spawn(command[0], [...command.slice(1), ...args], {
    cwd: server.cwd, stdio: ['ignore', 'pipe', 'pipe'],
    env: environment({ PORT: String(port), HOST: host ?? '127.0.0.1', ...env }),
  });
  server.pid = child.pid;
  child.stdout.on('data', (bytes) => { server.stdout += bytes; });
  child.stderr.on('data', (bytes) => { server.stderr += bytes; });
  server.ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      server.exit = { code, signal, at: Date.now() };
      // The test itself would only see a broken connection.
      if (code || ![null, 'SIGKILL', 'SIGTERM'].includes(signal)) console.error(`the server ended with ${code ?? signal}: ${server.stderr.slice(-3000)}`);
      resolve(server.exit);
    });
  });
  server.kill = (signal) => child.kill(signal);
  // Sends SIGTERM and checks the exit.
  server.stop = async () => {
    if (server.exit) return;
    const children = children_of(server.pid).map((process) => process.pid);
    child.kill('SIGTERM');
    try {
      await within('the server to end after SIGTERM', server.ended, sanitized ? 15 : 5);
    } catch (error) {
      child.kill('SIGKILL');
      await server.ended;
      throw new Error(`${error.message}\n${server.stderr.slice(-3000)}`);
    }
    assert.deepEqual({ code: server.exit.code, signal: server.exit.signal }, { code: 0, signal: null }, server.stderr.slice(-3000));
    assert.doesNotMatch(server.stderr, /Sanitizer|runtime error:/);
    await until('no child is left', () => !children.some(alive), { seconds: 2 });
  };
  cleanup(t, () => server.stop());
  cleanup(t, () => {
    if (process.env.LIVESTREAM_TEST_LOG) console.error(server.stderr);
  });

  await until('the server prints its address', () => {
    if (server.exit) throw new Error(`ended with ${server.exit.code}: ${server.stderr.slice(-2000)}`);
    return /http:\/\/\S*?:\d+/.test(server.stdout);
  }, { seconds: 20 }).catch((error) => { throw new Error(`${error.message}\n${server.stdout}\n${server.stderr.slice(-2000)}`); });
  server.port = Number(server.stdout.match(/http:\/\/\S*?:(\d+)/)[1]);
  server.url = `http://127.0.0.1:${server.port}`;

  server.stats = async () => (await get(server, '/stats')).json();
  // The ffmpeg that encodes the stream, not the one that lists its version and encoders.
  server.ffmpeg = () => children_of(server.pid).find((process) => process.state !== 'Z' && /ffmpeg/.test(process.arguments[0] ?? '') && !process.arguments.includes('-encoders'));
  server.resident_bytes = () => resident_bytes(server.pid);
  server.wait_running = (seconds = 20) => until('fragments flow', async () => (await server.stats()).broadcaster.state === 'running', { seconds })
    .catch((error) => { throw new Error(`${error.message}\n${server.stderr.slice(-3000)}`); });
  if (ready) await server.wait_running();
  return server;
}
