// The parts that measure the server's share beside ffmpeg: at the start, and with one viewer.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, clip, cpu_seconds, start_server } from './programs.mjs';
import { Table, median } from './report.mjs';

// The command of the server's ffmpeg, read from the child process.
async function ffmpeg_command(env) {
  const server = await start_server(env);
  const argv = readFileSync(`/proc/${server.ffmpeg}/cmdline`, 'utf8').split('\0').slice(0, -1);
  await server.stop();
  return argv;
}

// Starts ffmpeg as the server does: its FLV on standard output, its progress on descriptor 3.
const start_ffmpeg = ([program, ...args]) => spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });

// Whether `flv` contains a whole video frame.
function has_video_frame(flv) {
  // Behind the file header and the first back-pointer.
  let at = 13;
  while (at + 11 <= flv.length) {
    const size = flv.readUIntBE(at + 1, 3);
    const end = at + 11 + size + 4;
    if (end > flv.length) return false;
    // A video tag with NAL units.
    if (flv[at] === 9 && flv[at + 12] === 1) return true;
    at = end;
  }
  return false;
}

async function ffmpeg_first_frame_ms(command) {
  const began = performance.now();
  const child = start_ffmpeg(command);
  let flv = Buffer.alloc(0);
  child.stdio[3].resume();
  for await (const bytes of child.stdout) {
    flv = Buffer.concat([flv, bytes]);
    if (has_video_frame(flv)) break;
  }
  const took = performance.now() - began;
  child.kill('SIGKILL');
  return took;
}

// The time from exec to the first fragment, which answers a request sent as soon as the port was open.
async function server_first_fragment_ms(env) {
  const began = performance.now();
  const child = spawn(join(build, 'livestream-server'), [], { stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', WORKERS: '1', VIDEO_FILE: clip().source, LOG_LEVEL: 'error', ...env } });
  try {
    const port = await new Promise((resolve, reject) => {
      child.stdout.on('data', (text) => resolve(Number(String(text).match(/:(\d+)\//)[1])));
      child.on('close', () => reject(new Error('the server ended')));
    });
    await new Promise((resolve, reject) => {
      http.get({ host: '127.0.0.1', port, path: '/stream' }, (response) => response.once('data', () => { resolve(); response.destroy(); })).on('error', reject);
    });
    return performance.now() - began;
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.on('close', resolve));
  }
}

export async function startup(options) {
  const table = new Table('Start-up: process start to first fragment, a local file', ['video', 'server ms', 'ffmpeg alone to its first FLV frame ms', 'added ms']);
  const runs = {};
  for (const codec of ['copy', 'libx264']) {
    const command = await ffmpeg_command({ VIDEO_CODEC: codec });
    const server = [];
    const ffmpeg = [];
    for (let run = 0; run < Math.max(5, options.runs); ++run) {
      ffmpeg.push(await ffmpeg_first_frame_ms(command));
      server.push(await server_first_fragment_ms({ VIDEO_CODEC: codec }));
    }
    table.add(codec, server, ffmpeg, median(server) - median(ffmpeg));
    runs[codec] = { server, ffmpeg };
  }
  return { table, runs };
}

export async function encode(options) {
  const table = new Table('Encode overhead: 720p30, one viewer', ['server % of a core', 'ffmpeg below it %', 'ffmpeg alone %']);
  const runs = { server: [], ffmpeg: [], alone: [] };
  const env = { VIDEO_CODEC: 'libx264', WORKERS: '0' };
  const command = await ffmpeg_command(env);
  const percent = (cpu, since) => (cpu / (performance.now() - since)) * 1e5;
  for (let run = 0; run < options.runs; ++run) {
    const server = await start_server(env);
    const request = http.get({ host: '127.0.0.1', port: server.port, path: '/stream' }, (response) => response.resume());
    // The request ends with the server.
    request.on('error', () => {});
    await sleep(2000);
    const before = [cpu_seconds(server.pid), cpu_seconds(server.ffmpeg)];
    const began = performance.now();
    await sleep(options.seconds * 1000);
    runs.server.push(percent(cpu_seconds(server.pid) - before[0], began));
    runs.ffmpeg.push(percent(cpu_seconds(server.ffmpeg) - before[1], began));
    request.destroy();
    await server.stop();

    const alone = start_ffmpeg(command);
    alone.stdout.resume();
    alone.stdio[3].resume();
    await sleep(2000);
    const alone_before = cpu_seconds(alone.pid);
    const alone_began = performance.now();
    await sleep(options.seconds * 1000);
    runs.alone.push(percent(cpu_seconds(alone.pid) - alone_before, alone_began));
    alone.kill('SIGKILL');
  }
  table.add(runs.server, runs.ffmpeg, runs.alone);
  return { table, runs };
}
