// The checks themselves: a rule that cannot fail holds nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { problems_of } from './layers.mjs';

const here = dirname(fileURLToPath(import.meta.url));

test('the layer check accepts what a row lists, base and the folder itself', () => {
  const text = '#include "base/bytes.h"\n#include "media/track.h"\n#include "flv/flv_reader.h"\n#include <vector>\n';
  assert.deepEqual(problems_of('src/flv/flv_reader.cc', text), []);
});

test('the layer check names an upward include with its line', () => {
  const [problem, ...more] = problems_of('src/media/track.h', '\n#include "stream/cursor.h"\n');
  assert.match(problem, /^src\/media\/track\.h:2: media may not include stream\/cursor\.h/);
  assert.deepEqual(more, []);
});

test('the layer check keeps Asio, Beast and mutexes where they belong', () => {
  assert.equal(problems_of('src/stream/cursor.cc', '#include <boost/asio.hpp>\n').length, 1);
  assert.equal(problems_of('src/net/listener.h', '#include <boost/beast/http.hpp>\n').length, 1);
  assert.equal(problems_of('src/net/listener.cc', '#include <boost/beast/http.hpp>\n').length, 0);
  assert.equal(problems_of('src/stream/log.h', '#include <mutex>\n').length, 1);
  assert.equal(problems_of('src/stream/log.h', 'std::mutex mutex_;  // std::mutex\n').length, 1);
  assert.equal(problems_of('src/stream/log.h', '// unlike std::mutex\n').length, 0);
  assert.equal(problems_of('src/base/mutex.h', '#include <mutex>\nstd::mutex mutex_;\n').length, 0);
  assert.equal(problems_of('src/newlayer/x.h', '').length, 1);
});

test('the test runner fails a file without tests, with a failed test and with a skipped one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'checks-'));
  const ends_with = (text) => {
    const file = join(folder, 'x.test.mjs');
    writeFileSync(file, `import test from 'node:test';\n${text}`);
    const environment = { ...process.env };
    delete environment.NODE_TEST_CONTEXT;  // else the inner file would think it is part of this run
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
