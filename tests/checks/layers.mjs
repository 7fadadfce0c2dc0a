// Holds src/ to the layers of docs/architecture.md: a folder includes only what its row lists, and base; Asio, Beast and
// bare mutexes stay where they belong.
import { pathToFileURL } from 'node:url';
import { files, read, report } from './sources.mjs';

const allowed = {
  base: [],
  config: [],
  media: [],
  flv: ['media'],
  isobmff: ['media'],
  stream: ['media'],
  hls: ['stream'],
  http: [],
  outlet: ['config', 'stream', 'hls', 'http', 'media'],
  source: ['config', 'media', 'flv', 'isobmff', 'stream'],
  net: ['http'],
  server: ['config', 'media', 'flv', 'isobmff', 'stream', 'hls', 'http', 'outlet', 'source', 'net'],
};
const asio_folders = ['net', 'source', 'server'];

// The problems of one file of src/, given its text.
export function problems_of(path, text) {
  const [, layer] = path.split('/');
  if (!(layer in allowed)) return [`${path}: src/${layer} is no layer; add it to tests/checks/layers.mjs and docs/architecture.md`];
  const problems = [];
  text.split('\n').forEach((line, index) => {
    const where = `${path}:${index + 1}`;
    const include = line.match(/^\s*#\s*include\s*([<"])([^>"]+)[>"]/);
    if (include) {
      const [, bracket, target] = include;
      const folder = target.split('/')[0];
      if (bracket === '"' && folder in allowed && folder !== layer && folder !== 'base' && !allowed[layer].includes(folder)) {
        problems.push(`${where}: ${layer} may not include ${target} (only base ${allowed[layer].join(' ')})`);
      }
      if (bracket === '"' && !(folder in allowed) && !target.startsWith('embed')) {
        problems.push(`${where}: "${target}" names no layer; write the path from src/`);
      }
      if (/^boost\/asio/.test(target) && !asio_folders.includes(layer)) {
        problems.push(`${where}: ${layer} knows no Asio (only ${asio_folders.join(', ')})`);
      }
      if (/^(boost\/beast|nghttp2)/.test(target) && !(layer === 'net' && path.endsWith('.cc'))) {
        problems.push(`${where}: Beast and nghttp2 are for .cc files of net`);
      }
      if (/^(mutex|shared_mutex)$/.test(target) && path !== 'src/base/mutex.h') {
        problems.push(`${where}: <${target}> is for base/mutex.h; use Mutex`);
      }
    }
    if (/\bstd::(shared_|recursive_|timed_)*mutex\b/.test(line.replace(/\/\/.*/, '')) && path !== 'src/base/mutex.h') {
      problems.push(`${where}: a bare std::mutex defeats the thread-safety analysis; use Mutex of base/mutex.h`);
    }
  });
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const sources = files('src', /\.(h|cc)$/);
  report(sources.flatMap((path) => problems_of(path, read(path))), sources.length, 'source files');
}
