#!/usr/bin/env node
// viewer-chaos.mjs [--sessions N] [--idle N] [--hostile N] [--viewers N] [--seed N]: short sessions in a row, then idle and
// hostile connections, while good viewers watch. These must not be disturbed, and the server must release all it took. The
// acceptance run is --sessions 100000 --idle 5000 --hostile 500 --viewers 100. LIVESTREAM_SERVER names the program.
import { setPriority } from 'node:os';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { sanitized, start_server } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { generator } from './random.mjs';
import { lingerers, sessions } from './storm.mjs';
import { holdings, percentile, start_readers, stolen_share } from './world.mjs';

// Largest growth of resident memory: by the storm, by the first crowd, by the second, by storm and first crowd together.
const tolerated_growth = 0.05;
const warm_up = 100;
const strangers_nice = 10;
// Largest share of processor time that other machines may take during a measurement: more could alone cause the p99.
const tolerated_stolen = 0.01;
// The server returns memory to the system every five seconds.
const give_back_ms = 6500;

// The p99 delay of the good viewers may be twice the quiet one plus noise_ms. A measurement that other machines disturbed
// is repeated, at most this often; the last one counts.
export async function viewer_chaos(t, { count, idle, hostile, viewers, seed, noise_ms = 0, measured_at_most = 6, linger_seconds = 10, log = () => {} }) {
  const problems = [];
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '160x90', VIDEO_FPS: '15', MAX_CLIENTS: '2000', FAIR_CLIENTS_PER_ADDRESS: '0', MAX_CONNECTIONS_PER_ADDRESS: '0', MAX_REQUESTS_PER_SECOND: '0' } });
  const readers = await start_readers(server, viewers);
  t.after(() => readers.stop());
  // The hostile clients' own processor time must not count as the server's delay: real ones run on other machines.
  setPriority(strangers_nice);
  const delays_of = async (during) => {
    await sleep(600);
    readers.delays = [];
    const stolen = stolen_share();
    await during();
    return { p50: percentile(readers.delays, 0.5), p99: percentile(readers.delays, 0.99), joins: readers.delays.length, stolen: stolen() };
  };
  const undisturbed = async (measure) => {
    for (let times = 1; ; ++times) {
      const seen = await measure();
      if (seen.stolen < tolerated_stolen || times === measured_at_most) return seen;
      log(`measured again, other machines took too much: ${JSON.stringify(seen)}`);
    }
  };
  const gone = () => until('all others have left', async () => (await server.stats()).connections.clients === viewers, { seconds: 45 }).catch((error) => problems.push(error.message));
  const random = generator(seed);
  // Before measuring, run a tenth of everything and at least some of each kind, because code that has never run is not in
  // memory yet.
  await sessions(server.port, Math.ceil(count / 10), random);
  const first = await lingerers(server.port, Math.max(warm_up, Math.ceil(idle / 10)), Math.max(warm_up, Math.ceil(hostile / 10)));
  await sleep(3000);
  first.end();
  await gone();
  await sleep(give_back_ms);
  const base = holdings(server.pid);
  // As long as the crowd will stay, because a longer measurement finds a larger maximum.
  const quiet = await undisturbed(() => delays_of(() => sleep(linger_seconds * 1000)));
  log(`quiet: ${JSON.stringify(quiet)} ${JSON.stringify(base)}`);

  const stormy = await undisturbed(() => delays_of(() => sessions(server.port, count, random)));
  await gone();
  await sleep(give_back_ms);
  const after_storm = holdings(server.pid);
  log(`${count} sessions: ${JSON.stringify(stormy)} ${JSON.stringify(after_storm)}`);
  // Resident memory after each crowd.
  const ends = [];
  const crowd_comes = async () => {
    let crowd;
    const seen = await delays_of(async () => {
      crowd = await lingerers(server.port, idle, hostile);
      log(`${idle} idle and ${hostile} hostile: ${JSON.stringify(holdings(server.pid))}`);
      await sleep(linger_seconds * 1000);
    });
    log(`crowded: ${JSON.stringify(seen)}, ${crowd.open()} of them still connected`);
    crowd.end();
    await gone();
    await sleep(give_back_ms);
    ends.push(holdings(server.pid));
    log(`gone: ${JSON.stringify(ends.at(-1))}`);
    return seen;
  };
  const crowded = await undisturbed(crowd_comes);
  const crowded_again = await undisturbed(crowd_comes);

  const told = ({ p99, stolen }) => `${p99.toFixed(1)} ms (${(stolen * 100).toFixed(1)} % of the processors taken by other machines)`;
  // Not under a sanitizer: it makes everything late, and its shadow memory grows.
  for (const [what, seen] of Object.entries(sanitized ? {} : { stormy, crowded, crowded_again })) {
    if (seen.p99 > 2 * quiet.p99 + noise_ms) problems.push(`p99 of the delivery delay: ${told(quiet)} quiet, ${told(seen)} ${what}`);
  }
  if (readers.state.errors.length) problems.push(`${readers.state.errors.length} viewers: ${readers.state.errors[0]}`);
  const held = [base, after_storm, ...ends];
  const steps = held.slice(1).map((after, index) => [held[index], after]);
  for (const [before, after] of [...steps, [base, ends[0]]]) {
    for (const what of ['descriptors', 'threads', 'children']) {
      if (after[what] > before[what]) problems.push(`${what}: ${before[what]} before, ${after[what]} after`);
    }
    const grown = after.resident_bytes / before.resident_bytes - 1;
    if (!sanitized && grown > tolerated_growth) problems.push(`resident memory grew by ${(grown * 100).toFixed(1)} %`);
  }
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = (value) => ({ type: 'string', default: String(value) });
  const { values } = parseArgs({ options: { sessions: text(100_000), idle: text(5000), hostile: text(500), viewers: text(100), seed: text(Date.now() % 1_000_000) } });
  const hooks = [];
  const t = { after: (hook) => hooks.unshift(hook) };
  console.log(`seed ${values.seed}`);
  let failed = true;
  try {
    const problems = await viewer_chaos(t, { count: Number(values.sessions), idle: Number(values.idle), hostile: Number(values.hostile), viewers: Number(values.viewers), seed: Number(values.seed), linger_seconds: 40, log: console.log });
    console.log(problems.length ? problems.join('\n') : 'no problem');
    failed = problems.length > 0;
  } finally {
    for (const hook of hooks) await hook();
  }
  process.exit(failed ? 1 : 0);
}
