// The micro-benchmarks (Google Benchmark), as a part of the report.
import { join } from 'node:path';
import { build, load_core, run_program } from './programs.mjs';
import { Table } from './report.mjs';

export async function micro() {
  const table = new Table('Micro-benchmarks', ['what', 'ns per call', 'MB/s', 'Gbit/s']);
  const output = await run_program(join(build, 'benchmarks/micro'), ['--benchmark_format=json', '--benchmark_min_time=0.3'], { core: load_core, seconds: 120 });
  const { benchmarks } = JSON.parse(output);
  for (const one of benchmarks) {
    const rate = one.bytes_per_second;
    table.add(one.name, one.cpu_time, rate ? rate / 1e6 : '-', rate ? (rate * 8) / 1e9 : '-');
  }
  return { table, runs: benchmarks };
}
