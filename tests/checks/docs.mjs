// docs.mjs SERVER: every configuration key of `SERVER --help` is in README.md and docs/configuration.md, no document
// names a key that is not there, every command and local link of the documents exists, and so does every test that
// docs/sources.md names.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { files, read, report, root } from './sources.mjs';
import { problems_of_sources } from './source-tests.mjs';

const [server] = process.argv.slice(2);
const help = spawnSync(server, ['--help'], { encoding: 'utf8' });
const problems = [];
if (help.status !== 0) problems.push(`--help ended with ${help.status}: ${help.stderr}`);

const flags = [...new Set([...help.stdout.matchAll(/(?:^|\s|,)--([a-z][a-z-]*[a-z])/g)].map((match) => match[1]))];
const actions = ['help', 'version', 'check', 'config', 'schema', 'web-root'];
const keys = flags.filter((flag) => !actions.includes(flag)).map((flag) => flag.toUpperCase().replaceAll('-', '_'));
const expected = ['VIDEO_FILE', 'VIDEO_FPS', 'VIDEO_QUALITY', 'VIDEO_CRF', 'VIDEO_RESOLUTION', 'AUDIO_CODEC', 'AUDIO_BITRATE', 'GROWING_FILE', 'HOST',
  'PORT', 'MAX_CLIENTS', 'VIDEO_PRESET', 'VIDEO_PROFILE', 'VIDEO_MAXRATE', 'VIDEO_CODEC', 'AUDIO_DEVICE', 'VIDEO_INPUT_SIZE',
  'VIDEO_INPUT_FORMAT', 'FFMPEG', 'LOG_LEVEL', 'LOG_FORMAT'];
for (const key of expected) if (!keys.includes(key)) problems.push(`--help does not offer --${key.toLowerCase().replaceAll('_', '-')}`);
for (const path of ['README.md', 'docs/configuration.md']) {
  if (!existsSync(join(root, path))) {
    problems.push(`${path} is missing`);
    continue;
  }
  const text = read(path);
  for (const key of new Set([...keys, ...expected])) {
    if (!new RegExp(`\\b${key}\\b`).test(text)) problems.push(`${path} does not mention ${key}`);
  }
}

const documents = ['README.md', ...files('docs', /\.md$/)].filter((path) => existsSync(join(root, path)));
for (const path of documents) {
  const text = read(path);
  // Keys set in examples: KEY=value before a command.
  for (const [, key] of text.matchAll(/\b([A-Z][A-Z_]{2,})=\S*(?=[^\n]*\.\/run)/g)) {
    if (!keys.includes(key) && !expected.includes(key)) problems.push(`${path}: ${key} is not a configuration key`);
  }
  for (const [, flag] of text.matchAll(/\.\/run[^\n`]*?\s--([a-z][a-z-]+)/g)) {
    if (!flags.includes(flag)) problems.push(`${path}: ./run has no flag --${flag}`);
  }
  for (const [, command] of text.matchAll(/(?:^|[\s`(])\.\/([a-z][\w./-]*)/gm)) {
    if (!existsSync(join(root, command))) problems.push(`${path}: ./${command} does not exist`);
  }
  for (const [, target] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
    if (!/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(path), target))) problems.push(`${path}: link to ${target} does not exist`);
  }
}
problems.push(...problems_of_sources(read('docs/sources.md')));
report(problems, keys.length, 'configuration keys');
