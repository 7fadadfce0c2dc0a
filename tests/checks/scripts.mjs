// Every shell script parses, is executable where it is a command, and stops at the first failure.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { files, read, report, root } from './sources.mjs';

const folders = ['scripts', 'benchmarks', 'tests'].filter((folder) => existsSync(join(root, folder)));
const scripts = ['run', 'test', 'bench', '.ci/run', ...folders.flatMap((folder) => files(folder, /\.sh$/))];
const problems = scripts.flatMap((path) => {
  const found = [];
  const parsed = spawnSync('bash', ['-n', path], { cwd: root, encoding: 'utf8' });
  if (parsed.status !== 0) found.push(`${path}: ${parsed.stderr.trim()}`);
  const text = read(path);
  if (text.startsWith('#!')) {
    if (!/^set -euo pipefail$/m.test(text)) found.push(`${path}: lacks "set -euo pipefail"`);
    try {
      accessSync(join(root, path), constants.X_OK);
    } catch {
      found.push(`${path}: is not executable`);
    }
  }
  return found;
});
report(problems, scripts.length, 'scripts');
