// livestream.yml from a user's view: streams from a file, messages for mistakes, the output of --check, the schema, and the
// examples of the documents.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { run_server, start_server, temporary_directory } from '../lib/server.mjs';

const root = new URL('../../', import.meta.url).pathname;

// A folder with these files: path → text.
function folder(t, files) {
  const cwd = temporary_directory(t);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(cwd, path, '..'), { recursive: true });
    writeFileSync(join(cwd, path), text, { mode: 0o600 });
  }
  return cwd;
}
const check = (t, files, { args = [], ...options } = {}) => run_server(t, { cwd: folder(t, files), args: ['--check', ...args], ...options });

test('--check prints the streams of the file as such a file again', async (t) => {
  const files = {
    'livestream.yml': 'port: 9001\ndefaults:\n  video_quality: 0.5\nstreams:\n  front: rtsp://admin:hunter2@camera/1\n  yard:\n    source: rtsp://${NVR}/2\n    title: Yard\n',
    'streams.d/barn.yml': 'source: demo\non_demand: true\n',
    '.env': 'NVR=nvr.example\n',
  };
  const first = await check(t, files);
  assert.equal(first.code, 0, first.stderr);
  assert.doesNotMatch(first.stdout, /hunter2/);
  assert.match(first.stdout, /^port: 9001 +# livestream\.yml line 1$/m);
  assert.match(first.stdout, /^ {2}barn: +# streams\.d\/barn\.yml line 1$/m);
  assert.match(first.stdout, /^ {4}title: Yard +# livestream\.yml line 8$/m);
  const again = await check(t, { 'livestream.yml': first.stdout, '.env': files['.env'] });
  assert.equal(again.code, 0, again.stderr);
  const values = (text) => text.split('\n').filter((line) => !line.startsWith('#')).map((line) => line.replace(/ +# .*/, ''));
  assert.deepEqual(values(again.stdout), values(first.stdout));
});

test('a mistake in a file is one line with file, line and key, and exit code 2', async (t) => {
  for (const [text, message] of [
    ['streams:\n  a:\n    source: demo\n    video_crf: 60\n', /^livestream-server: livestream\.yml line 4: video_crf: must be a whole number from 0 to 51, not "60"\n$/],
    ['streams:\n  a: demo\n  a: demo\n', /line 3: a is there twice\n$/],
    ['streams:\n\ta: demo\n', /line 2: begins with a tab/],
    ['prot: 1\n', /line 1: prot is not a setting: did you mean port\?\n$/],
    ['streams: {a: demo, b: "gopher://x"}\n', /stream b: VIDEO_FILE=gopher:/],
  ]) {
    for (const args of [['--check'], []]) {
      const { code, stderr } = await run_server(t, { cwd: folder(t, { 'livestream.yml': text }), args });
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    }
  }
  const missing = await check(t, {}, { args: ['--config', 'none.yml'] });
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /there is no file none\.yml/);
});

test('the names of the player\'s files are not names of streams', async (t) => {
  for (const file of readdirSync(join(root, 'web'), { withFileTypes: true })) {
    const name = file.name.replace(/\..*/, '');
    const { code, stderr } = await check(t, { 'livestream.yml': `streams: {${name}: demo}\n` });
    assert.equal(code, 2, name);
    assert.match(stderr, /the server uses this word/);
  }
});

test('several sources on the command line are several streams', async (t) => {
  const { code, stdout } = await check(t, {}, { args: ['a.mp4', 'rtsp://u:hunter2@cam/x', '/dev/video0'] });
  assert.equal(code, 0);
  assert.deepEqual([...stdout.matchAll(/^ {2}(\w+):$/gm)].map((match) => match[1]), ['a', 'cam', 'video0']);
  assert.doesNotMatch(stdout, /hunter2/);
});

test('a password that others may read in the file is warned of', async (t) => {
  const cwd = folder(t, { 'livestream.yml': 'streams:\n  front: rtsp://admin:hunter2@127.0.0.1:1/1\n' });
  chmodSync(join(cwd, 'livestream.yml'), 0o644);
  const { stdout } = await run_server(t, { cwd, args: ['--check'] });
  assert.match(stdout, /livestream\.yml holds a password, and others may read it: chmod 600 livestream\.yml/);
});

test('the server starts with a file', async (t) => {
  const server = await start_server(t, { cwd: folder(t, { 'livestream.yml': 'log_format: json\nstreams:\n  front: demo\n' }), env: { PORT: '0' } });
  await server.stop();
  assert.doesNotThrow(() => server.stderr.trim().split('\n').map(JSON.parse));
});

test('docs/livestream.schema.json is what --schema prints', async (t) => {
  const { code, stdout } = await run_server(t, { args: ['--schema'] });
  assert.equal(code, 0);
  assert.equal(readFileSync(join(root, 'docs/livestream.schema.json'), 'utf8'), stdout, 'write it with --schema');
});

// Each ```yaml block of a document, with the line before it and the line it begins in.
function examples(path) {
  const lines = readFileSync(join(root, path), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() !== '```yaml') return [];
    const length = lines.slice(index + 1).findIndex((end) => end.trim() === '```');
    return [{ place: `${path}:${index + 1}`, before: lines.slice(0, index).findLast((text) => text.trim() !== '') ?? '', text: lines.slice(index + 1, index + 1 + length).join('\n') }];
  });
}

test('each example of a file in the documents is one that the server takes', async (t) => {
  const documents = ['README.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
  let count = 0;
  for (const { place, before, text } of documents.flatMap(examples)) {
    // Those of other programs say so, or begin with a key of Prometheus.
    if (/go2rtc|MediaMTX/.test(before) || /^(scrape_configs|groups):/.test(text)) continue;
    count += 1;
    const file = before.match(/streams\.d\/\w+\.yml/)?.[0] ?? 'livestream.yml';
    const env = Object.fromEntries([...text.matchAll(/\$\{(\w+)/g)].map((match) => [match[1], 'x']));
    const { code, stderr } = await check(t, { [file]: text }, { env });
    assert.equal(code, 0, `${place}: ${stderr}`);
  }
  assert.ok(count >= 5, `${count} examples`);
});
