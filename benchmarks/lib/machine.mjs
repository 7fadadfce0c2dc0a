// Describes the machine of a report and its other load.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';

export const open_files_limit = () => Number(readFileSync('/proc/self/limits', 'utf8').match(/^Max open files\s+\d+\s+(\d+)/m)?.[1] ?? Infinity);

export function describe_machine() {
  const first = (path) => { try { return readFileSync(path, 'utf8').trim(); } catch { return 'unknown'; } };
  return {
    cpu: os.cpus()[0].model,
    cores: os.cpus().length,
    memory_gib: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`,
    congestion_control: first('/proc/sys/net/ipv4/tcp_congestion_control'),
    open_files: open_files_limit(),
    ffmpeg: execFileSync('ffmpeg', ['-version'], { encoding: 'utf8' }).split('\n')[0].split(' ')[2],
    date: new Date().toISOString().slice(0, 16),
  };
}

// The number of runnable processes, ours included. Far above the number of cores a run is not reliable.
export const load_average = () => os.loadavg()[0];
