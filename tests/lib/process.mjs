// Reads the list of processes from /proc (Linux) or ps.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cleanup } from './cleanup.mjs';

const linux = existsSync('/proc/self/stat');

// [{pid, parent, state, arguments}] of every process.
function processes() {
  if (!linux) {
    return spawnSync('ps', ['-axo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).stdout.trim().split('\n').map((line) => {
      const [pid, parent, state, ...rest] = line.trim().split(/\s+/);
      return { pid: +pid, parent: +parent, state: state[0], arguments: rest };
    });
  }
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const argv = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').slice(0, -1);
      return [{ pid: +name, parent: +parent, state, arguments: argv }];
    } catch {
      // The process has ended since.
      return [];
    }
  });
}

// Children of `pid`, zombies included.
export const children_of = (pid) => processes().filter((process) => process.parent === pid);

// Whether a process lives (a zombie does not).
export const alive = (pid) => processes().some((process) => process.pid === pid && process.state !== 'Z');

// Resident memory in bytes.
export const resident_bytes = (pid) => linux
  ? Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s*(\d+) kB/m)[1]) * 1024
  : Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout) * 1024;

// Runs a program that ends by itself, at the latest after `seconds`: {code, signal, stdout, stderr}.
export function run(program, args, { input, seconds = 120, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'], timeout: seconds * 1000, killSignal: 'SIGKILL', ...options });
    const out = [];
    const err = [];
    child.stdout.on('data', (bytes) => out.push(bytes));
    child.stderr.on('data', (bytes) => err.push(bytes));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }));
    if (input !== undefined) {
      // The program may end before it has read everything.
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    }
  });
}

// A helper program (ffmpeg as a sender, nginx, ...) that lives until the test `t` ends.
export function start_helper(t, program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  const helper = { child, output: '', ended: new Promise((resolve) => child.on('close', resolve)) };
  child.on('error', (error) => { helper.output += String(error); });
  child.stdin.on('error', () => {});
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { helper.output = (helper.output + bytes).slice(-20000); });
  helper.stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await helper.ended;
  };
  cleanup(t, helper.stop);
  return helper;
}
