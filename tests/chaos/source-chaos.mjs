#!/usr/bin/env node
// source-chaos.mjs [--faults N] [--seed N] [--viewers N] [--only NAME]: breaks the source of one server N times, in all
// ways, and checks every byte of its viewers; see docs/testing.md. Prints the seed; the same seed gives the same faults in the
// same order. LIVESTREAM_SERVER names the program.
import { mkdtempSync, rmSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from '../lib/process.mjs';
import { sanitized, start_server } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { Encoder } from './encoder.mjs';
import { faults } from './faults.mjs';
import { generator } from './random.mjs';
import { Source } from './source.mjs';
import { holdings, start_readers } from './world.mjs';

const notice_seconds = 5;
// The cause of a fault may show with the next attempt only, which comes after five seconds at most.
const words_seconds = notice_seconds + 5;
const heal_seconds = 30;

// Decodes each finished piece of one viewer's recording strictly and collects the errors.
class Decoder {
  errors = [];
  #next = 1;
  #under_way = Promise.resolve();
  #directory;

  constructor(directory) {
    this.#directory = directory;
  }
  // Runs beside the chaos, one piece at a time.
  decode_until(last) {
    this.#under_way = this.#under_way.then(() => this.#decode(last));
    return this.#under_way;
  }
  async #decode(last) {
    for (; this.#next <= last; ++this.#next) {
      const file = join(this.#directory, `piece-${this.#next}.mp4`);
      const decoded = await run('nice', ['ffmpeg', '-nostdin', '-hide_banner', '-loglevel', 'warning', '-xerror', '-err_detect', 'explode', '-i', file, '-f', 'null', '-']);
      if (decoded.code === 0) rmSync(file);
      else this.errors.push(`piece ${this.#next} does not decode: ${decoded.stderr.slice(0, 400)}`);
    }
  }
}

// The order of the faults: every kind once in random order, then again.
function order(names, count, random) {
  const list = [];
  while (list.length < count) {
    const round = [...names];
    for (let i = round.length - 1; i > 0; --i) {
      const j = Math.floor(random() * (i + 1));
      [round[i], round[j]] = [round[j], round[i]];
    }
    list.push(...round);
  }
  return list.slice(0, count);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

// A process's memory varies with the content of its logs: take the median of several readings.
async function settled_holdings(pid) {
  const looks = [];
  for (let i = 0; i < 9; ++i) {
    looks.push(holdings(pid));
    await sleep(250);
  }
  return { ...looks.at(-1), descriptors: Math.min(...looks.map((look) => look.descriptors)), resident_bytes: median(looks.map((look) => look.resident_bytes)) };
}

// Runs the chaos with the test context `t`; returns {problems, report}.
export async function source_chaos(t, { count, seed, viewers = 50, only, log = () => {} }) {
  const problems = [];
  const encoder = new Encoder();
  const source = await new Source().start();
  const recordings = mkdtempSync(join(tmpdir(), 'livestream-recordings-'));
  t.after(() => {
    source.stop();
    encoder.remove();
    rmSync(recordings, { recursive: true, force: true });
  });
  const server = await start_server(t, {
    env: { VIDEO_FILE: `http://user:secret@127.0.0.1:${source.port}/live.ts`, FFMPEG: encoder.path, VIDEO_FPS: '15', AUDIO_BITRATE: '64k',
      MAX_CLIENTS: String(viewers + 10), FAIR_CLIENTS_PER_ADDRESS: '0', MAX_CONNECTIONS_PER_ADDRESS: '0', MAX_REQUESTS_PER_SECOND: '0' },
  });
  const readers = await start_readers(server, viewers, recordings);
  const decoder = new Decoder(recordings);
  const world = { source, encoder, kill_ffmpeg: (name) => {
    const ffmpeg = server.ffmpeg();
    try {
      if (ffmpeg) process.kill(ffmpeg.pid, name);
    } catch { /* it has just ended by itself */ }
  } };

  const well = async () => {
    const { broadcaster, source: { warning } } = await server.stats();
    return broadcaster.state === 'running' && !warning;
  };
  // Fragments of the source, not of a slate, flow for a while.
  const healed = (seconds) => until('fragments again', async () => {
    for (let i = 0; i < 4; ++i) {
      if ((await server.stats()).broadcaster.state !== 'running') return false;
      await sleep(150);
    }
    return Date.now() - readers.state.video_at < 2000;
  }, { seconds });

  const one = async (name) => {
    const fault = faults[name];
    const began = Date.now();
    const answered = source.answered;
    await fault.begin(world);
    let noticed = null;
    if (fault.must_notice) {
      await until('noticed', async () => !(await well()), { seconds: notice_seconds, every_ms: 100 })
        .then(() => { noticed = Date.now() - began; }, () => problems.push(`${name}: not noticed within ${notice_seconds} s`));
      const { source: told } = await server.stats();
      if (noticed !== null && !told.last_error && !told.warning) problems.push(`${name}: noticed, but no words for it`);
      if (noticed !== null && fault.words) await until('the words', async () => fault.words.test((await server.stats()).source.last_error), { seconds: words_seconds }).catch(() => problems.push(`${name}: noticed, in other words: ${told.last_error}`));
      await sleep(Math.random() * 500);
    } else {
      await sleep((fault.seconds ?? 0.3) * 1000);
    }
    if (fault.lasting) await healed(heal_seconds).catch(() => problems.push(`${name}: not healed within ${heal_seconds} s while it lasts: ${server.stderr.slice(-600)}`));
    const opened = source.answered - answered;
    if (opened > fault.most_answers) problems.push(`${name}: the source was opened ${opened} times`);
    const made_good = Date.now();
    await fault.end(world);
    await healed(heal_seconds).catch(() => problems.push(`${name}: not healed within ${heal_seconds} s: ${server.stderr.slice(-600)}`));
    return { noticed, healed: Date.now() - made_good };
  };

  // The server's holdings while one ffmpeg reads the source: without a slate, and not between two passes of a file.
  const settled = async () => {
    await until('one child', () => holdings(server.pid).children === 1, { seconds: 10 }).catch(() => {});
    await sleep(3000);
    return settled_holdings(server.pid);
  };
  let base = null;
  const times = {};
  const random = generator(seed);
  const names = only ? [only] : Object.keys(faults);
  const list = order(names, count, random);
  for (const [index, name] of list.entries()) {
    if (index === Math.max(Math.floor(count / 10), Math.min(10, count >> 1))) base = await settled();
    const told = problems.length;
    const result = await one(name);
    (times[name] ??= []).push(result);
    log(`${String(index + 1).padStart(4)} ${name.padEnd(30)} noticed ${result.noticed ?? '-'} ms, healed ${result.healed} ms, ${(holdings(server.pid).resident_bytes / 1e6).toFixed(1)} MB`);
    for (const problem of problems.slice(told)) log(`     ${problem}`);
    if (server.exit) problems.push(`the server ended: ${JSON.stringify(server.exit)} ${server.stderr.slice(-2000)}`);
    if (readers.state.errors.length) problems.push(`${name}: ${readers.state.errors.length} viewers: ${readers.state.errors[0]}`);
    if (server.exit || readers.state.errors.length) break;
    decoder.decode_until(readers.state.pieces - 1);
    if (decoder.errors.length) break;
  }
  let end = null;
  if (!server.exit && !readers.state.errors.length) {
    await healed(40).catch((error) => problems.push(error.message));
    end = await settled();
    for (const what of ['children', 'threads', 'descriptors']) {
      if (base && end[what] > base[what]) problems.push(`${what}: ${base[what]} after the first faults, ${end[what]} at the end`);
    }
    if (end.children !== 1) problems.push(`${end.children} children at the end`);
    // Not compared in a short run, because allocators still grow during its first tenth, and not under a sanitizer,
    // because its shadow memory is not the server's.
    const grown = base && !sanitized ? end.resident_bytes / base.resident_bytes - 1 : 0;
    if (grown > (count >= 100 ? 0.05 : 0.25)) problems.push(`resident memory grew by ${(grown * 100).toFixed(1)} %: ${base.resident_bytes} to ${end.resident_bytes}`);
  }
  const secret = /secret/.exec(server.stderr + server.stdout + JSON.stringify(await server.stats().catch(() => ({}))));
  if (secret) problems.push('a password is in the log or in /stats');
  await readers.stop();
  await decoder.decode_until(readdirSync(recordings).length ? readers.state.pieces - 1 : 0);
  problems.push(...decoder.errors);
  return { problems, report: { seed, faults: list.length, fragments: readers.state.fragments, inits: readers.state.inits, base, end, times } };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { faults: { type: 'string', default: '100' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) }, viewers: { type: 'string', default: '50' }, only: { type: 'string' } } });
  const hooks = [];
  const t = { after: (hook) => hooks.unshift(hook) };
  console.log(`seed ${values.seed}`);
  let failed = true;
  try {
    const { problems, report } = await source_chaos(t, { count: Number(values.faults), seed: Number(values.seed), viewers: Number(values.viewers), only: values.only, log: console.log });
    const { times, ...rest } = report;
    console.log(JSON.stringify(rest));
    const unique = [...new Set(problems)];
    console.log(unique.length ? `${problems.length} problems:\n${unique.join('\n')}` : 'no problem');
    failed = problems.length > 0;
  } finally {
    for (const hook of hooks) await hook();
  }
  process.exit(failed ? 1 : 0);
}
