#!/usr/bin/env node
// soak.mjs [--minutes N] [--viewers N] [--sessions-per-second N] [--fault-every S] [--seed N] [--out DIR]: one server with
// viewers that stay, sessions that come and go, and a source that fails now and then. Writes soak.csv and plots of
// memory, descriptors, processor time and delivery delay to DIR (build/soak). LIVESTREAM_SERVER names the program.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { start_server } from '../lib/server.mjs';
import { sleep } from '../lib/wait.mjs';
import { Encoder } from './encoder.mjs';
import { faults } from './faults.mjs';
import { plot } from './plot.mjs';
import { generator } from './random.mjs';
import { Source } from './source.mjs';
import { one_session } from './storm.mjs';
import { holdings, percentile, start_readers } from './world.mjs';

const text = (value) => ({ type: 'string', default: String(value) });
const { values: options } = parseArgs({ options: { minutes: text(30), viewers: text(30), 'sessions-per-second': text(20), 'fault-every': text(60), seed: text(Date.now() % 1_000_000),
  out: text(new URL('../../build/soak', import.meta.url).pathname) } });
const minutes = Number(options.minutes);
const viewers = Number(options.viewers);
const random = generator(Number(options.seed));
console.log(`seed ${options.seed}`);

const hooks = [];
const t = { after: (hook) => hooks.unshift(hook) };
let failed = false;
try {
  const encoder = new Encoder();
  const source = await new Source().start();
  t.after(() => {
    source.stop();
    encoder.remove();
  });
  const server = await start_server(t, { env: { VIDEO_FILE: `http://127.0.0.1:${source.port}/live.ts`, FFMPEG: encoder.path, VIDEO_FPS: '15', MAX_CLIENTS: '1000', FAIR_CLIENTS_PER_ADDRESS: '0', MAX_CONNECTIONS_PER_ADDRESS: '0', MAX_REQUESTS_PER_SECOND: '0' } });
  const readers = await start_readers(server, viewers);
  t.after(() => readers.stop());
  const world = { source, encoder, kill_ffmpeg: (name) => {
    const ffmpeg = server.ffmpeg();
    try {
      if (ffmpeg) process.kill(ffmpeg.pid, name);
    } catch { /* it has just ended by itself */ }
  } };

  const began = Date.now();
  const until = began + minutes * 60_000;
  const rows = [];
  const churn = (async () => {
    const pause = 1000 / Number(options['sessions-per-second']);
    while (Date.now() < until) {
      void one_session(server.port, random);
      await sleep(pause * 2 * random());
    }
  })();
  const break_source = (async () => {
    const every = Number(options['fault-every']) * 1000;
    while (every > 0 && Date.now() + every < until) {
      await sleep(every * (0.5 + random()));
      const names = Object.keys(faults);
      const name = names[Math.floor(random() * names.length)];
      console.log(`${((Date.now() - began) / 60_000).toFixed(2)} min: ${name}`);
      await faults[name].begin(world);
      await sleep(3000);
      await faults[name].end(world);
    }
  })();

  let before = holdings(server.pid);
  for (let next = began + 1000; next <= until && !server.exit && !readers.state.errors.length; next += 1000) {
    await sleep(Math.max(0, next - Date.now()));
    const now = holdings(server.pid);
    const delays = readers.delays.splice(0);
    rows.push({ second: (Date.now() - began) / 1000, resident_mb: now.resident_bytes / 1e6, descriptors: now.descriptors, cpu_percent: 100 * (now.cpu_seconds - before.cpu_seconds),
      delay_p50_ms: percentile(delays, 0.5), delay_p99_ms: percentile(delays, 0.99), threads: now.threads, children: now.children });
    before = now;
  }
  await Promise.all([churn, break_source]);

  mkdirSync(options.out, { recursive: true });
  const names = Object.keys(rows[0]);
  writeFileSync(join(options.out, 'soak.csv'), `${names.join(',')}\n${rows.map((row) => names.map((name) => Number(row[name].toFixed(3))).join(',')).join('\n')}\n`);
  const column = (name) => rows.map((row) => row[name]);
  const draw = (file, title, unit, series) => writeFileSync(join(options.out, file), plot(title, unit, column('second'), series));
  draw('memory.svg', 'resident memory', 'MB', { server: column('resident_mb') });
  draw('descriptors.svg', 'descriptors', 'open', { server: column('descriptors') });
  draw('cpu.svg', 'processor time of the server, without ffmpeg', '% of a core', { server: column('cpu_percent') });
  draw('delay.svg', 'delivery delay, from the receipt of a frame to its reader', 'ms', { p50: column('delay_p50_ms'), p99: column('delay_p99_ms') });

  const quarter = Math.floor(rows.length / 4);
  const mean = (name, part) => part.reduce((sum, row) => sum + row[name], 0) / part.length;
  for (const name of ['resident_mb', 'descriptors', 'threads']) console.log(`${name}: ${mean(name, rows.slice(quarter, 2 * quarter)).toFixed(2)} in the second quarter, ${mean(name, rows.slice(-quarter)).toFixed(2)} in the last`);
  console.log(`plots and soak.csv: ${options.out}`);
  if (server.exit || readers.state.errors.length) {
    failed = true;
    console.log(server.exit ? server.stderr.slice(-2000) : readers.state.errors[0]);
  }
} finally {
  for (const hook of hooks) await hook();
}
process.exit(failed ? 1 : 0);
