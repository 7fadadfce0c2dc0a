// Tests of the checks: a rule that cannot fail checks nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { cpp_functions, js_functions } from './functions.mjs';
import { differences, documented_layers, include_circles, layers_of, problems_of } from './layers.mjs';
import { problems_of_sources } from './source-tests.mjs';
import { problems_of as words_of } from './words.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const layers = layers_of('add_layer(base)\nadd_layer(media base)\nadd_layer(flv media)\nadd_layer(stream media)\nadd_layer(net base)\n');

test('the layers come from CMakeLists.txt, and the document must have the same', () => {
  assert.deepEqual(layers, { base: [], media: [], flv: ['media'], stream: ['media'], net: [] });
  const document = (flv) => documented_layers(['# A', '## Layers', '| `base` | – | x |', '| `media` | – | x |',
    `| \`flv\` | ${flv} | x |`, '| `stream` | media | x |', '| `net` | – | x |', '## More', '| `other` | media | x |'].join('\n'));
  assert.deepEqual(differences(layers, document('media')), []);
  assert.match(differences(layers, document('media stream')).join(), /layer flv has "media stream", CMakeLists.txt "media"/);
  assert.equal(differences({ ...layers, more: [] }, document('media')).length, 1);
  assert.equal(differences(layers, { ...document('media'), more: [] }).length, 1);
  assert.deepEqual(documented_layers('\n## Layers\n| `base` | – |\n| `a` | – |\n| `top` | all |\n').top, ['a']);
});

test('the layer check accepts what a row lists, base and the folder itself', () => {
  const text = '#include "base/bytes.h"\n#include "media/track.h"\n#include "flv/flv_reader.h"\n#include <vector>\n';
  assert.deepEqual(problems_of('src/flv/flv_reader.cc', text, layers), []);
});

test('the layer check names an upward include with its line', () => {
  const [problem, ...more] = problems_of('src/media/track.h', '\n#include "stream/cursor.h"\n', layers);
  assert.match(problem, /^src\/media\/track\.h:2: media may not include stream\/cursor\.h/);
  assert.deepEqual(more, []);
});

test('the layer check keeps Asio, Beast and mutexes where they belong', () => {
  const count = (path, text) => problems_of(path, text, layers).length;
  assert.equal(count('src/stream/cursor.cc', '#include <boost/asio.hpp>\n'), 1);
  assert.equal(count('src/net/listener.h', '#include <boost/beast/http.hpp>\n'), 1);
  assert.equal(count('src/net/listener.cc', '#include <boost/beast/http.hpp>\n'), 0);
  assert.equal(count('src/stream/log.h', '#include <mutex>\n'), 1);
  assert.equal(count('src/stream/log.h', 'std::mutex mutex_;  // std::mutex\n'), 1);
  assert.equal(count('src/stream/log.h', '// unlike std::mutex\n'), 0);
  assert.equal(count('src/base/mutex.h', '#include <mutex>\nstd::mutex mutex_;\n'), 0);
  assert.equal(count('src/newlayer/x.h', ''), 1);
});

test('files that include each other are found, a header and its .cc being one', () => {
  const include = (...names) => names.map((name) => `#include "net/${name}.h"\n`).join('');
  assert.deepEqual(include_circles({ 'src/net/a.h': '', 'src/net/a.cc': include('a', 'b'), 'src/net/b.h': include('c') }), []);
  const circle = { 'src/net/a.h': include('b'), 'src/net/b.h': '', 'src/net/b.cc': include('b', 'c'), 'src/net/c.cc': include('a') };
  assert.deepEqual(include_circles({ ...circle, 'src/net/d.cc': include('a') }), ['src/net/a, src/net/b, src/net/c']);
});

test('C++ functions are measured from their first line to their last', () => {
  const measured = (text) => cpp_functions(text).map(({ name, line, lines }) => `${name} ${line} ${lines}`);
  assert.deepEqual(measured('namespace a {\nint f(int x) {\n  if (x) {\n    return 1;\n  }\n  return g([] { return 2; });\n}\n}\n'), ['f 2 6']);
  assert.deepEqual(measured('class A : public B {\n public:\n  A() : x_{1}, y_{2} {\n  }\n  int x_{0};\n};\n'), ['A 3 2']);
  assert.deepEqual(measured('A::A(int x)\n    : a_(x),\n      b_{x} {\n  c();\n}\n'), ['A::A 1 5']);
  assert.deepEqual(measured('const char* kText = R"(\n} void f() {\n)";\nconst Row kRows[] = {\n  {"a(", 1},\n};\n'), []);
  assert.deepEqual(measured('TEST(A, DoesB) {\n  // }\n  use("}", \'}\');\n}\n'), ['A, DoesB 1 4']);
  assert.deepEqual(measured('template <typename T>\nvoid f(const T& x) noexcept {\n}\nbool operator==(A a, A b) { return true; }\n'),
    ['f 1 3', 'operator== 4 1']);
});

test('JavaScript functions, methods and arrows are measured', () => {
  const text = 'class A {\n  m() {\n    return () => {\n      1;\n    };\n  }\n}\nfunction f() { return /[{]/; }\n';
  assert.deepEqual(js_functions('a.js', text), [{ name: 'm', line: 2, lines: 5 }, { name: 'function', line: 3, lines: 3 },
    { name: 'f', line: 8, lines: 1 }]);
});

test('the word check finds its words over line breaks, with the line', () => {
  assert.deepEqual(words_of('a.js', '// It goes on for\n// ever.\nlet x;\n').length, 1);
  assert.match(words_of('a.js', 'let x;\n// A sheet is\n// no book.\n')[0], /^a\.js:2: "is no": better is not a$/);
  assert.match(words_of('a.md', 'None of them.\n')[0], /^a\.md:1: "None of"/);
  assert.deepEqual(words_of('a.js', '// There is no queue, it is no longer needed; nobodys.\n'), []);
});

test('the word check finds sentences without a noun to begin with, in comments only', () => {
  assert.match(words_of('a.cc', '\n// Reads the line. What comes\n// next is kept.\n')[0], /^a\.cc:2: a sentence begins with "What"/);
  assert.equal(words_of('a.mjs', '/** Who joins late waits. */\n').length, 1);
  assert.equal(words_of('a.cc', '// One that is late.\n').length, 1);
  assert.deepEqual(words_of('a.cc', '// One line per event. Which one? What for?\nf("What it is.");\n'), []);
  assert.deepEqual(words_of('a.md', 'What it is.\n'), []);
});

test('the test runner fails a file without tests, with a failed test and with a skipped one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'checks-'));
  const ends_with = (text) => {
    const file = join(folder, 'x.test.mjs');
    writeFileSync(file, `import test from 'node:test';\n${text}`);
    const environment = { ...process.env };
    // With it the inner file would take itself for a part of this run.
    delete environment.NODE_TEST_CONTEXT;
    return spawnSync(process.execPath, [join(here, '..', 'lib', 'run-test-file.mjs'), file], { env: environment }).status;
  };
  try {
    assert.equal(ends_with("test('a', () => {});"), 0);
    assert.equal(ends_with(''), 1);
    assert.equal(ends_with("test('a', () => { throw new Error('x'); });"), 1);
    assert.equal(ends_with("test('a', () => {}); test('b', { skip: true }, () => {});"), 1);
    assert.equal(ends_with("test('a', () => {}); setTimeout(() => process.exit(3), 50);"), 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('each row of the tables of sources names tests that exist', () => {
  const table = (...tests) => ['| What | Test |', '|---|---|', ...tests.map((each) => `| x | ${each} |`)].join('\n');
  const here = '`tests/checks/checks.test.mjs` each row of the tables of sources names tests that exist';
  const unit = '`src/source/pacer_test.cc` Pacer.ACameraIsNeverHeldBack';
  assert.deepEqual(problems_of_sources(table(here, unit, `${here}<br>${unit}`)), []);
  assert.match(problems_of_sources(table(here, '`src/source/pacer_test.cc` Pacer.ACamera')).join(), /:4: .* has no test "Pacer\.ACamera"$/);
  assert.match(problems_of_sources(table('`src/source/none_test.cc` A.B')).join(), /does not exist/);
  assert.match(problems_of_sources(table('')).join(), /is not a test/);
  assert.match(problems_of_sources(`${table(here)}\n| x | y | ${here} |`).join(), /3 columns, not 2/);
  assert.match(problems_of_sources('| What | Where |\n|---|---|\n| a | b |').join(), /no rows/);
});
