// A file of src/ or web/ has at most 500 lines: beyond that it is more than one concept. Unit tests may be longer, because
// a table of cases is one concept however long it is.
import { files, read, report } from './sources.mjs';

const limit = 500;
const sources = ['src', 'web'].flatMap((folder) => files(folder, /\.(h|cc|js|css|html)$/)).filter((path) => !path.endsWith('_test.cc'));
const problems = sources.map((path) => [path, read(path).split('\n').length - 1]).filter(([, lines]) => lines > limit)
  .map(([path, lines]) => `${path}: ${lines} lines, more than ${limit}`);
report(problems, sources.length, 'source files');
