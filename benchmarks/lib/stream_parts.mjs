// The part that measures many streams in one server: what one of a hundred costs beside one alone, without viewers and
// with one each, and what streams on demand leave behind.
import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { children_of, cpu_seconds, small_clip, start_server_of, until } from './programs.mjs';
import { Table, median } from './report.mjs';

const kMany = 100;
// The log is full after ten seconds.
const kFilling = 15;

const resident_kib = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

const streams_of = (count, settings = {}) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`camera${i + 1}`, { source: small_clip(), video_codec: 'copy', ...settings }]));

// A viewer of the stream: {first: its first bytes have come, leave}.
function watch(server, name) {
  const request = http.get({ host: '127.0.0.1', port: server.port, path: `/${name}/stream`, agent: false });
  const first = new Promise((resolve, reject) => {
    request.on('response', (response) => {
      response.once('data', resolve);
      response.on('error', () => {});
      response.resume();
    });
    request.on('error', reject);
  });
  return { first, leave: () => request.destroy() };
}

// The server's share of a core over `seconds`, in %.
async function core_percent(server, seconds) {
  const before = cpu_seconds(server.pid);
  const began = performance.now();
  await sleep(seconds * 1000);
  return ((cpu_seconds(server.pid) - before) / (performance.now() - began)) * 1e5;
}

// {idle, watched: % of a core; kib: resident memory}, without viewers and with one per stream.
async function measure(count, seconds) {
  const server = await start_server_of(streams_of(count));
  try {
    await until('all streams run', async () => (await server.states()).every((state) => state === 'running'), 120);
    await sleep(kFilling * 1000);
    const idle = await core_percent(server, seconds);
    const kib = resident_kib(server.pid);
    const viewers = Array.from({ length: count }, (_, i) => watch(server, `camera${i + 1}`));
    await Promise.all(viewers.map((viewer) => viewer.first));
    const watched = await core_percent(server, seconds);
    for (const viewer of viewers) viewer.leave();
    return { idle, watched, kib };
  } finally {
    await server.stop();
  }
}

// Starts and stops streams on demand, ten at a time: what is left after the first ten cycles, and after all.
async function cycles(count) {
  const streams = 10;
  const server = await start_server_of(streams_of(streams, { on_demand: true, linger: 0 }));
  const state = () => ({ processes: children_of(server.pid).length, descriptors: descriptors(server.pid), kib: resident_kib(server.pid) });
  const round = async () => {
    const viewers = Array.from({ length: streams }, (_, i) => watch(server, `camera${i + 1}`));
    await Promise.all(viewers.map((viewer) => viewer.first));
    for (const viewer of viewers) viewer.leave();
    await until('all sources have ended', () => children_of(server.pid).length === 0, 30);
  };
  try {
    await round();
    const after_first = state();
    for (let done = streams; done < count; done += streams) await round();
    await sleep(1000);
    return { first: after_first, last: state() };
  } finally {
    await server.stop();
  }
}

export async function streams(options) {
  const table = new Table('Many streams in one server: 640x360, passed through, 2 Mbit/s each', ['streams', 'viewers of each', 'server % of a core per stream', 'times that of one alone', 'MiB per stream above the first']);
  const few = [];
  const many = [];
  for (let run = 0; run < options.runs; ++run) {
    few.push(await measure(1, options.seconds));
    many.push(await measure(kMany, options.seconds));
  }
  for (const [viewers, what] of [[0, 'idle'], [1, 'watched']]) {
    const alone = few.map((run) => run[what]);
    const each = many.map((run) => run[what] / kMany);
    table.add(1, viewers, alone, 1, '-');
    table.add(kMany, viewers, each, median(each) / median(alone), viewers === 0 ? many.map((run, i) => (run.kib - few[i].kib) / 1024 / (kMany - 1)) : '-');
  }
  const left = await cycles(kMany);
  table.notes.push(`${kMany} starts and stops on demand: ${left.last.processes} processes, ${left.last.descriptors - left.first.descriptors} more descriptors and ${((left.last.kib - left.first.kib) / 1024).toFixed(1)} MiB more than after the first ten.`);
  return { table, runs: { few, many, left } };
}
