// Every C++ file has the format of clang-format 14. To correct one: clang-format-14 -i FILE
import { spawnSync } from 'node:child_process';
import { files, report, root } from './sources.mjs';

const sources = ['src', 'benchmarks', 'tests'].flatMap((folder) => files(folder, /\.(h|cc)$/));
const run = spawnSync(process.env.CLANG_FORMAT ?? 'clang-format-14', ['--dry-run', '-Werror', ...sources], { cwd: root, encoding: 'utf8' });
if (run.error) report([`clang-format-14 does not start: ${run.error.message}`], sources.length, 'C++ files');
const problems = [...new Set([...run.stderr.matchAll(/^(.+?):\d+:\d+: error:/gm)].map((match) => match[1]))]
  .map((path) => `${path}: not formatted; run clang-format-14 -i on it`);
if (run.status !== 0 && problems.length === 0) problems.push(run.stderr || `clang-format-14 ended with ${run.status}`);
report(problems, sources.length, 'C++ files');
