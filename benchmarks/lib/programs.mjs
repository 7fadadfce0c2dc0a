// Starts and stops the programs of a benchmark: the server and the floor on core 0, the load generator and ffmpeg on
// core 1. All of them end with this process, within a limited time.
import { spawn, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const root = new URL('../../', import.meta.url).pathname;
export const build = join(root, 'build/bench');
const media = join(root, 'build/bench-media');
export const server_core = 0;
export const load_core = 1;

const running = new Set();
process.on('exit', () => { for (const child of running) child.kill('SIGKILL'); });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

function start(program, args, { core, env = {}, ...options } = {}) {
  const pinned = core === undefined ? [program, args] : ['taskset', ['-c', String(core), program, ...args]];
  const child = spawn(...pinned, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, ...options });
  running.add(child);
  child.output = '';
  child.errors = '';
  child.stdout.on('data', (text) => { child.output += text; });
  child.stderr.on('data', (text) => { child.errors = (child.errors + text).slice(-4000); });
  child.ended = new Promise((resolve) => child.on('close', (code) => { running.delete(child); resolve(code); }));
  child.on('error', (error) => { child.errors += error; });
  return child;
}

async function stop(child) {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5000);
  await child.ended;
  clearTimeout(late);
}

export async function until(what, condition, seconds = 15) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s without success until ${what}`);
    await sleep(10);
  }
}

const free_port = () => new Promise((resolve) => {
  const probe = net.createServer().listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => resolve(port)); });
});

function make(path, args) {
  if (existsSync(path)) return;
  mkdirSync(media, { recursive: true });
  console.error(`bench: making ${path.slice(root.length)}`);
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args, `${path}.new.mp4`], { stdio: 'inherit', timeout: 600_000 });
  renameSync(`${path}.new.mp4`, path);
}

// The clip: 720p30 H.264 baseline and AAC, 2 Mbit/s, a keyframe a second; and the same with one fragment per frame
// for the floor. Made once.
export function clip() {
  const source = join(media, 'src.mp4');
  const fragmented = join(media, 'frame.mp4');
  make(source, ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30,noise=alls=6:allf=t',
    '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100,aformat=channel_layouts=stereo,vibrato', '-t', '62',
    '-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'veryfast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p',
    '-b:v', '1900k', '-maxrate', '2000k', '-bufsize', '1000k', '-g', '30', '-keyint_min', '30', '-sc_threshold', '0',
    '-c:a', 'aac', '-b:a', '128k', '-ac', '2']);
  make(fragmented, ['-i', source, '-c', 'copy', '-movflags', 'frag_every_frame+empty_moov+default_base_moof']);
  return { source, fragmented };
}

// A camera's second stream: 640x360 at 25 pictures a second, H.264 without sound, 2 Mbit/s, a keyframe a second. Made once.
export function small_clip() {
  const path = join(media, 'small.mp4');
  make(path, ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25,noise=alls=20:allf=t', '-t', '62',
    '-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'veryfast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p',
    '-b:v', '2000k', '-minrate', '2000k', '-maxrate', '2000k', '-bufsize', '1000k', '-g', '25', '-keyint_min', '25', '-sc_threshold', '0']);
  return path;
}

export const children_of = (pid) => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((name) => {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(pid);
  } catch { return false; }
}).map(Number);

// CPU seconds of a process so far, to the nanosecond where the kernel counts them.
export function cpu_seconds(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e9, 0);
  } catch { return 0; }
}

// Starts the server: {child, port}.
async function start_server_program(env, options) {
  const child = start(join(build, 'livestream-server'), [], {
    ...options, env: { HOST: '127.0.0.1', PORT: '0', MAX_CLIENTS: '1000000', LOG_LEVEL: 'warn', ...env },
  });
  const port = Number(await until('the server listens', () => {
    if (child.exitCode !== null) throw new Error(`the server ended: ${child.errors}`);
    return child.output.match(/http:\/\/\S+:(\d+)\//)?.[1];
  }));
  return { child, port };
}

const json_of = async (port, path) => (await fetch(`http://127.0.0.1:${port}${path}`)).json();

// Starts the server on all cores with `streams`, {name: settings}, as its livestream.yml: {pid, port, states, stop}.
export async function start_server_of(streams) {
  const cwd = join(media, 'streams');
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, 'livestream.yml'), JSON.stringify({ streams }));
  const { child, port } = await start_server_program({}, { cwd });
  return { pid: child.pid, port, stop: () => stop(child), states: async () => (await json_of(port, '/streams.json')).streams.map((stream) => stream.state) };
}

// Starts the server on its core and its ffmpeg on the other: {pid, port, path, ffmpeg, stop}.
export async function start_server(env = {}) {
  const { child, port } = await start_server_program({ WORKERS: '1', VIDEO_FILE: clip().source, VIDEO_CODEC: 'copy', ...env }, { core: server_core, cwd: media });
  const ffmpeg = await until('ffmpeg runs', () => children_of(child.pid).find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('ffmpeg')));
  // -a: with all its threads.
  execFileSync('taskset', ['-a', '-p', '-c', String(load_core), String(ffmpeg)], { stdio: 'ignore' });
  const stats = () => json_of(port, '/stats');
  await until('the stream flows', async () => (await stats()).stream.fragments > 30);
  return { pid: child.pid, port, path: '/stream', ffmpeg, stop: () => stop(child), stats };
}

// Starts the floor with one write per viewer each `coalesce` ms.
export async function start_floor(coalesce) {
  const port = await free_port();
  const child = start(join(build, 'benchmarks/floor'), [clip().fragmented, '--port', String(port), '--coalesce', String(coalesce), '--seconds', '600'], { core: server_core });
  await until('the floor listens', () => new Promise((resolve) => {
    if (child.exitCode !== null) throw new Error(`the floor ended: ${child.errors}`);
    const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); }).on('error', () => resolve(false));
  }));
  return { pid: child.pid, port, path: '/', stop: () => stop(child) };
}

// Runs the load generator with `server`; returns its report, with ffmpeg's CPU time added.
export async function run_load(server, { viewers, seconds, warm = 3, ramp = 1000, ...more }) {
  const flags = Object.entries(more).flatMap(([name, value]) => value === true ? [`--${name}`] : [`--${name}`, String(value)]);
  const feed_before = server.ffmpeg ? cpu_seconds(server.ffmpeg) : 0;
  const began = performance.now();
  const child = start(join(build, 'benchmarks/load'), ['--port', server.port, '--path', server.path, '--viewers', viewers, '--ramp', ramp, '--warm', warm,
    '--seconds', seconds, '--pid', server.pid, '--core', server_core, ...flags].map(String), { core: load_core });
  const late = setTimeout(() => child.kill('SIGKILL'), (viewers / ramp + warm + seconds + 60) * 1000);
  const code = await child.ended;
  clearTimeout(late);
  if (code !== 0) throw new Error(`the load generator failed: ${child.errors}`);
  const report = JSON.parse(child.output);
  if (server.ffmpeg) report.ffmpeg_cpu_percent = ((cpu_seconds(server.ffmpeg) - feed_before) / (performance.now() - began)) * 1e5;
  return report;
}

// Runs a program to its end and returns its standard output.
export async function run_program(program, args, { seconds, ...options }) {
  const child = start(program, args, options);
  const late = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  const code = await child.ended;
  clearTimeout(late);
  if (code !== 0) throw new Error(`${program} failed: ${child.errors}`);
  return child.output;
}
