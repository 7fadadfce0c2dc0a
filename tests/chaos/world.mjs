// The parts of a chaos run: the server under test, its readers, and measurements of the server's resources.
import { fork } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { children_of } from '../lib/process.mjs';
import { until } from '../lib/wait.mjs';

const ticks_per_second = 100;

// {resident_bytes, descriptors, threads, cpu_seconds, children} of a process. Linux.
export function holdings(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const number = (name) => Number(status.match(new RegExp(`^${name}:\\s*(\\d+)`, 'm'))[1]);
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    resident_bytes: number('VmRSS') * 1024,
    threads: number('Threads'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    cpu_seconds: (Number(fields[11]) + Number(fields[12])) / ticks_per_second,
    children: children_of(pid).length,
  };
}

// Measures until the returned function is called: the share of processor time that the host gave to other machines.
export function stolen_share() {
  const times = () => readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].trim().split(/\s+/).slice(1, 9).map(Number);
  const before = times();
  return () => {
    const passed = times().map((ticks, index) => ticks - before[index]);
    return passed[7] / passed.reduce((sum, ticks) => sum + ticks, 0);
  };
}

// The readers' process; `state` is its last report.
export async function start_readers(server, count, directory) {
  const child = fork(new URL('readers.mjs', import.meta.url), [String(server.port), String(count), ...(directory ? [directory] : [])]);
  const readers = { state: null, child, delays: [] };
  child.on('message', (state) => {
    readers.state = state;
    readers.delays.push(...state.delays);
  });
  readers.stop = () => new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill();
  });
  await until('all viewers read', () => {
    if (readers.state?.errors.length) throw new Error(readers.state.errors[0]);
    return readers.state?.reading === count;
  }, { seconds: 60 });
  return readers;
}

export const percentile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
};
