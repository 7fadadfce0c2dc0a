// Shared by the checks: the project's files and the report.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

// Paths below `folder` (relative to the root, slashes) whose names match; none when there is no such folder.
export function files(folder, pattern) {
  if (!statSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path, pattern);
    return pattern.test(entry.name) ? [relative(root, join(root, path)).replaceAll('\\', '/')] : [];
  }).sort();
}

export const read = (path) => readFileSync(join(root, path), 'utf8');

// Ends the check: prints the problems and the number of things checked, which must not be 0.
export function report(problems, looked_at, what) {
  for (const problem of problems) console.error(problem);
  if (looked_at === 0) problems.push(console.error(`no ${what} found: is the check looking in the right place?`));
  console.log(`${looked_at} ${what}, ${problems.length} problems`);
  process.exit(problems.length ? 1 : 0);
}
