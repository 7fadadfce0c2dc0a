// The tables of docs/sources.md: each row ends with the tests that show it, `FILE` NAME, several with <br> between them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { read, root } from './sources.mjs';

const cells_of = (line) => line.slice(1, line.lastIndexOf('|')).split('|').map((cell) => cell.trim());

// `Suite.Behaviour` in GoogleTest; in Node a name or a part of one, as tests of a table have computed names.
function has_test(path, name) {
  const text = read(path);
  if (!path.endsWith('.cc')) return text.replaceAll('\\', '').includes(name);
  return new RegExp(`^TEST(?:_F)?\\(${name.replace('.', ',\\s*')}\\)`, 'm').test(text);
}

function problem_of(entry) {
  const [, path, name] = entry.match(/^`((?:src|tests)\/[^`]+(?:_test\.cc|\.test\.mjs))` (.+)$/) ?? [];
  if (!path) return `"${entry}" is not a test: write \`FILE\` NAME`;
  if (!existsSync(join(root, path))) return `${path} does not exist`;
  return has_test(path, name) ? null : `${path} has no test "${name}"`;
}

// The problems of the tables in `text` whose last column is headed Test.
export function problems_of_sources(text) {
  const problems = [];
  let rows = 0;
  let columns = 0;
  text.split('\n').forEach((line, index) => {
    if (!line.startsWith('|')) return void (columns = 0);
    const cells = cells_of(line);
    if (cells.at(-1) === 'Test') return void (columns = cells.length);
    if (!columns || /^[-|]+$/.test(line)) return;
    ++rows;
    const told = cells.length === columns ? cells.at(-1).split('<br>').map(problem_of) : [`${cells.length} columns, not ${columns}`];
    for (const problem of told) if (problem) problems.push(`docs/sources.md:${index + 1}: ${problem}`);
  });
  if (rows === 0) problems.push('docs/sources.md: no rows with tests');
  return problems;
}
