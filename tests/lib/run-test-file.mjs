#!/usr/bin/env node
// run-test-file.mjs FILE [COUNT]: runs one file of node:test tests, COUNT at a time, and exits 0 only if every test in it
// passed and there was at least one. (`node --test` counts a file without tests as a passed test.) A skipped test fails too,
// so that tests that this machine cannot run are noticed.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [file, count = '1'] = process.argv.slice(2);
const tests = count === '1' ? [file] : [fileURLToPath(new URL('side-by-side.mjs', import.meta.url)), file, count];
const child = spawn(process.execPath, ['--test-reporter=spec', '--test-reporter-destination=stdout', ...tests], {
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
