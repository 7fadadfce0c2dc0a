// The player's JSDoc types hold under `tsc --strict`, and no type is `any`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { files, read, report, root } from './sources.mjs';

const modules = files('web', /\.js$/);
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const project = ['jsconfig.json', 'tsconfig.json'].map((name) => join(root, 'web', name)).find(existsSync);
const flags = project ? ['-p', project] : ['--allowJs', '--target', 'es2022', '--module', 'es2022', '--moduleResolution', 'bundler',
  '--lib', 'es2022,dom,dom.iterable', ...modules];
const run = spawnSync(process.execPath, [tsc, '--noEmit', '--checkJs', '--strict', ...flags], { cwd: root, encoding: 'utf8' });
const problems = run.stdout.split('\n').filter((line) => /error TS/.test(line));
if (run.status !== 0 && problems.length === 0) problems.push(run.stdout + run.stderr);
for (const path of modules) {
  read(path).split('\n').forEach((line, index) => {
    if (/@(type|param|returns?)\s*\{[^}]*\bany\b/.test(line)) problems.push(`${path}:${index + 1}: any is not allowed as a type`);
  });
}
report(problems, modules.length, 'modules');
