// The parts that measure delivery: the server and the floor with the same load generator.
import { setTimeout as sleep } from 'node:timers/promises';
import { load_average, open_files_limit } from './machine.mjs';
import { run_load, start_floor, start_server } from './programs.mjs';
import { Table, median } from './report.mjs';

const frame_ms = 33;
const stretched_ms = 100;
const note = (what) => console.error(`bench: ${what} (load average ${load_average().toFixed(1)})`);

async function with_server(env, what) {
  const server = await start_server(env);
  try { return await what(server); } finally { await server.stop(); }
}

async function with_floor(coalesce, what) {
  const floor = await start_floor(coalesce);
  try { return await what(floor); } finally { await floor.stop(); }
}

async function measure_server(load, env = {}) {
  note(`server, ${load.viewers} viewers`);
  return with_server(env, async (server) => {
    const run = await run_load(server, { check: true, ...load });
    // These lines are about the viewers that have just left.
    const { server: { workers } } = await server.stats();
    return { ...run, pace_ms: workers[0].pace_ms };
  });
}

async function measure_floor(load, coalesce) {
  note(`floor at ${coalesce} ms, ${load.viewers} viewers`);
  return with_floor(coalesce, (floor) => run_load(floor, load));
}

// `runs` of each in turns, so that a disturbance of the machine affects both.
async function in_turns(runs, ...measures) {
  const results = measures.map(() => []);
  for (let run = 0; run < runs; ++run) {
    for (const [index, measure] of measures.entries()) results[index].push(await measure());
  }
  return results;
}

const cost = (runs) => runs.map((run) => run.server.cpu_s_per_gb);
const core = (runs) => runs.map((run) => run.server.cpu_percent);
const least_share = (runs) => runs.map((run) => (run.viewer_mbit_s.min / run.full_mbit_s) * 100);
const ratio = (runs, reference) => median(cost(runs)) / median(cost(reference));
// A run is disturbed when other processes used much of the server's core.
const others = (runs) => runs.map((run) => Math.max(0, run.core.busy_percent - run.server.cpu_percent));
const viewers_of = (options, usual) => options.viewers ? [options.viewers] : usual.filter((viewers) => viewers + 200 < open_files_limit());
const broken = (runs) => runs.map((run) => run.check.broken_viewers + run.refused + run.ended_early);

export async function fanout(options) {
  const table = new Table('Fan-out: CPU seconds per gigabyte delivered', ['viewers', 'server', 'floor', 'server / floor', 'server % of core', 'floor % of core', 'least share %', 'broken', 'others % of core']);
  const runs = {};
  for (const viewers of viewers_of(options, [1000, 2000])) {
    const load = { viewers, seconds: options.seconds };
    const [server, floor] = await in_turns(options.runs, () => measure_server(load, { DELIVERY_INTERVAL_MS: '33' }), () => measure_floor(load, frame_ms));
    table.add(viewers, cost(server), cost(floor), ratio(server, floor), core(server), core(floor), least_share(server), broken(server), others([...server, ...floor]));
    runs[viewers] = { server, floor };
  }
  table.notes.push('Both write once per viewer per video frame. The least share is that of the viewer with the lowest rate, of the stream\'s bitrate.');
  return { table, runs };
}

export async function capacity(options) {
  const table = new Table('Capacity of one core', ['viewers', 'at full rate', 'least share %', 'stalled', 'pace ms', 'server % of core', 'CPU s/GB', 'floor CPU s/GB', 'gaps in samples', 'broken', 'one more: status, ms', 'others % of core']);
  const runs = {};
  for (const viewers of viewers_of(options, [5000, 10_000, 15_000])) {
    const load = { viewers, seconds: options.seconds, warm: 5 };
    const one_more = [];
    const [server, floor] = await in_turns(options.runs, async () => {
      note(`server, ${viewers} viewers, and one more`);
      return with_server({ MAX_CLIENTS: String(viewers), FAIR_CLIENTS_PER_ADDRESS: '0' }, async (server) => {
        const loading = run_load(server, { check: true, ...load });
        // After all have come; the load generator reports a failure.
        await Promise.race([sleep((viewers / 1000 + load.warm - 1) * 1000), loading]);
        const asked = performance.now();
        const response = await fetch(`http://127.0.0.1:${server.port}/stream`);
        one_more.push({ status: response.status, ms: performance.now() - asked });
        await response.body?.cancel();
        const run = await loading;
        const { server: { workers } } = await server.stats();
        return { ...run, pace_ms: workers[0].pace_ms };
      });
    }, () => measure_floor(load, viewers > 5000 ? stretched_ms : frame_ms));
    table.add(viewers, server.map((run) => run.at_full_rate), least_share(server), server.map((run) => run.stalled), server.map((run) => run.pace_ms), core(server), cost(server), cost(floor),
      server.map((run) => run.check.sample_gaps), broken(server), `${one_more.map((one) => one.status).join(' ')}, ${median(one_more.map((one) => one.ms)).toFixed(0)}`, others(server));
    runs[viewers] = { server, floor, one_more };
  }
  table.notes.push('The server finds its own pace here. The floor writes every 33 ms at 5,000 viewers and every 100 ms above.');
  // The cost per viewer among few and among many, unless a number of viewers was given.
  if (options.viewers) return { table, runs };
  const per_viewer = await in_turns(options.runs, ...[1000, 10_000].map((viewers) => () => measure_server({ viewers, seconds: options.seconds, warm: 5 }, { DELIVERY_INTERVAL_MS: String(stretched_ms) })));
  const [few, many] = per_viewer.map((part) => part.map((run) => (run.server.cpu_percent / run.viewers) * 1000));
  table.notes.push(`At ${stretched_ms} ms, 1,000 viewers take ${median(few).toFixed(1)} % of the core and each thousand of 10,000 takes ${median(many).toFixed(1)} % (ratio ${(median(many) / median(few)).toFixed(2)}).`);
  return { table, runs: { ...runs, per_viewer } };
}

export async function memory(options) {
  const table = new Table('Memory of the server process', ['viewers', 'minutes', 'KiB per viewer', 'growth in the window, KiB', 'TCP buffers, MiB']);
  const [viewers] = viewers_of(options, [5000]);
  note(`memory of ${viewers} viewers over ${options.minutes} minutes`);
  const run = await with_server({}, (server) => run_load(server, { viewers, seconds: options.minutes * 60, 'memory-every': 10 }));
  const seen = run.memory.through_window_kib;
  table.add(viewers, options.minutes, run.memory.kib_per_viewer, seen.at(-1) - seen[0], run.memory.tcp_peak_kib / 1024);
  table.notes.push('Resident memory with all viewers less that before the first, by their number.');
  return { table, runs: { [viewers]: [run] } };
}

export async function joins(options) {
  const [viewers] = viewers_of(options, [1000]);
  const table = new Table('Joins while others watch', ['watching', 'joins a second', 'time to first byte p50 ms', 'p99 ms', 'failed', 'watchers\' longest gap p99 ms', 'least share %', 'gaps in samples', 'server % of core', 'others % of core']);
  const load = { viewers, seconds: options.seconds };
  const rates = [0, options.joins ?? 1000];
  const results = await in_turns(options.runs, ...rates.map((joins) => () => measure_server({ ...load, ...(joins ? { joins } : {}) })));
  for (const [index, server] of results.entries()) {
    const arrivals = (run) => rates[index] ? run.joins.first_byte_ms : run.first_byte_ms;
    table.add(viewers, rates[index], server.map((run) => arrivals(run).p50), server.map((run) => arrivals(run).p99), server.map((run) => run.joins.failed), server.map((run) => run.longest_gap_ms.p99),
      least_share(server), server.map((run) => run.check.sample_gaps), core(server), others(server));
  }
  table.notes.push('The first row is the watchers\' own arrival, 1,000 a second. A joiner gets the init segment and the current GOP, and stays for a second.');
  return { table, runs: results };
}

export async function spread(options) {
  const table = new Table('Delivery spread: the last of 32 sampled viewers after the first', ['viewers', 'server p50 ms', 'server p99 ms', 'floor p50 ms', 'floor p99 ms', 'pace ms', 'others % of core']);
  const runs = {};
  for (const viewers of viewers_of(options, [2000, 10_000])) {
    const load = { viewers, seconds: options.seconds, warm: 5 };
    const [server, floor] = await in_turns(options.runs, () => measure_server(load), () => measure_floor(load, viewers > 5000 ? stretched_ms : frame_ms));
    const at = (part, name) => part.map((run) => run.spread_ms[name]);
    table.add(viewers, at(server, 'p50'), at(server, 'p99'), at(floor, 'p50'), at(floor, 'p99'), server.map((run) => run.pace_ms), others([...server, ...floor]));
    runs[viewers] = { server, floor };
  }
  return { table, runs };
}

export async function slow(options) {
  const table = new Table('Slow viewers among fast ones', ['fast', 'slow', 'CPU s/GB', 'ratio', 'fast ones\' least share %', 'gaps in fast samples', 'slow ones\' Mbit/s', 'GOPs skipped by slow ones', 'broken', 'others % of core']);
  const [viewers] = viewers_of(options, [2000]);
  const slow_ones = Math.round(viewers / 20);
  const load = { viewers, seconds: options.seconds };
  // A warm-up that is long enough for the slow viewers to fill their buffers.
  const [without, with_slow] = await in_turns(options.runs, () => measure_server(load), () => measure_server({ ...load, warm: 8, slow: slow_ones }));
  for (const [runs, count] of [[without, 0], [with_slow, slow_ones]]) {
    table.add(viewers - count, count, cost(runs), ratio(runs, without), least_share(runs), runs.map((run) => run.check.sample_gaps), runs.map((run) => run.slow_mbit_s.median), runs.map((run) => run.check.slow_gaps), broken(runs), others(runs));
  }
  table.notes.push('Slow ones read 1 Mbit/s of a stream of 2. All their boxes are checked: each gap ends at an independent fragment.');
  return { table, runs: { without, with_slow } };
}
