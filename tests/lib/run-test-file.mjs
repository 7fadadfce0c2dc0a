#!/usr/bin/env node
// run-test-file.mjs FILE: runs one file of node:test tests and exits 0 only if every test in it passed and there was at
// least one. (`node --test` counts a file without tests as a passed test.) A skipped test fails too, so that
// tests that this machine cannot run are noticed.
import { spawn } from 'node:child_process';

const [file] = process.argv.slice(2);
const child = spawn(process.execPath, ['--test-reporter=spec', '--test-reporter-destination=stdout', file], {
  stdio: ['ignore', 'pipe', 'inherit'],
});

let tail = '';
child.stdout.on('data', (bytes) => {
  process.stdout.write(bytes);
  tail = (tail + bytes).slice(-65536);
});
child.on('close', (code, signal) => {
  const counted = (word) => Number([...tail.matchAll(new RegExp(`^[^\\w]* ?${word} (\\d+)$`, 'gm'))].pop()?.[1] ?? 0);
  const problem =
    code !== 0 ? `exit ${code ?? signal}`
    : counted('tests') === 0 ? 'no tests in the file'
    : counted('skipped') + counted('cancelled') + counted('todo') > 0 ? 'tests were skipped or cancelled'
    : counted('pass') === 0 ? 'no test passed'
    : '';
  if (problem) console.error(`${file}: ${problem}`);
  process.exit(problem ? 1 : 0);
});
