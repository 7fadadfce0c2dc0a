// Holds src/ to its layers. CMakeLists.txt has the one table: `add_layer(NAME LOWER...)` lists all that a folder may
// include beside `base` and itself. The table of docs/architecture.md must say the same. Asio, Beast and bare mutexes
// stay where they belong, and no files include each other in a circle.
import { pathToFileURL } from 'node:url';
import { files, read, report } from './sources.mjs';

const asio_folders = ['net', 'source', 'doctor', 'server'];

// Circles that exist and are to be removed, each as its files in alphabetical order.
const known_circles = [
];

// The layers of CMakeLists.txt: name → the layers it may include, without base.
export function layers_of(cmake) {
  const rows = [...cmake.matchAll(/^add_layer\(([a-z\s]+)\)/gm)].map((match) => match[1].split(/\s+/));
  return Object.fromEntries(rows.map(([name, ...lower]) => [name, lower.filter((layer) => layer !== 'base')]));
}

// The same from the table of docs/architecture.md, where a dash means none and "all" every other layer.
export function documented_layers(markdown) {
  const section = markdown.split('\n## Layers')[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| `([a-z]+)` \| ([a-z –]+) \|/gm)].map((match) => [match[1], match[2]]);
  const names = rows.map(([name]) => name);
  const lower = (name, text) => (text === 'all' ? names.filter((other) => other !== name && other !== 'base') : text.split(' '));
  return Object.fromEntries(rows.map(([name, text]) => [name, text === '–' ? [] : lower(name, text)]));
}

// Where the two tables differ.
export function differences(built, documented) {
  const names = [...new Set([...Object.keys(built), ...Object.keys(documented)])];
  return names.flatMap((name) => {
    const [cmake, docs] = [built, documented].map((table) => table[name]?.slice().sort().join(' '));
    if (cmake === docs) return [];
    return [`docs/architecture.md: layer ${name} has ${docs === undefined ? 'no row' : `"${docs}"`}, CMakeLists.txt `
      + `${cmake === undefined ? 'does not have it' : `"${cmake}"`}`];
  });
}

// The problems of one file of src/, given its text and the layers.
export function problems_of(path, text, allowed) {
  const [, layer] = path.split('/');
  if (!(layer in allowed)) return [`${path}: src/${layer} is not a layer; add it to CMakeLists.txt and docs/architecture.md`];
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
      if (bracket === '"' && !(folder in allowed)) {
        problems.push(`${where}: "${target}" does not begin with a layer; write the path from src/`);
      }
      if (/^boost\/asio/.test(target) && !asio_folders.includes(layer)) {
        problems.push(`${where}: ${layer} may not use Asio (only ${asio_folders.join(', ')})`);
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

// Groups of files that include each other, each as "a, b, c". A header and its .cc are one file here. `texts`: path → text.
export function include_circles(texts) {
  const unit_of = (path) => path.replace(/\.(h|cc)$/, '');
  const reached = new Map();
  for (const [path, text] of Object.entries(texts)) {
    const targets = [...text.matchAll(/^\s*#\s*include\s*"([^"]+)\.h"/gm)].map((match) => `src/${match[1]}`);
    const unit = unit_of(path);
    reached.set(unit, new Set([...(reached.get(unit) ?? []), ...targets.filter((target) => target !== unit)]));
  }
  // Each unit's set grows to all that it reaches.
  for (let grown = true; grown;) {
    grown = false;
    for (const set of reached.values()) {
      const before = set.size;
      for (const target of [...set]) for (const further of reached.get(target) ?? []) set.add(further);
      grown ||= set.size > before;
    }
  }
  const circles = [...reached].filter(([unit, set]) => set.has(unit))
    .map(([unit, set]) => [...set].filter((other) => reached.get(other)?.has(unit)).sort().join(', '));
  return [...new Set(circles)];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const allowed = layers_of(read('CMakeLists.txt'));
  const texts = Object.fromEntries(files('src', /\.(h|cc)$/).map((path) => [path, read(path)]));
  const circles = include_circles(texts);
  report([
    ...differences(allowed, documented_layers(read('docs/architecture.md'))),
    ...Object.entries(texts).flatMap(([path, text]) => problems_of(path, text, allowed)),
    ...circles.filter((circle) => !known_circles.includes(circle)).map((circle) => `these include each other: ${circle}`),
    ...known_circles.filter((circle) => !circles.includes(circle)).map((circle) => `tests/checks/layers.mjs: remove the known circle ${circle}`),
  ], Object.keys(texts).length, 'source files');
}
