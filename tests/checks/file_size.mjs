// A file of src/ or web/ has at most 500 lines: beyond that it is more than one concept.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { files, read, report, root } from './sources.mjs';

const limit = 500;
const sources = ['src', 'web'].filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => files(folder, /\.(h|cc|js|css|html)$/));
const problems = sources.map((path) => [path, read(path).split('\n').length - 1]).filter(([, lines]) => lines > limit)
  .map(([path, lines]) => `${path}: ${lines} lines, more than ${limit}`);
report(problems, sources.length, 'source files');
