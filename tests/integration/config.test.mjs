// Configuration from a user's view: every key from every place, the messages for bad values, the output of --check, and
// the messages for an unsuitable ffmpeg.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { get, open_stream } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { run } from '../lib/process.mjs';
import { environment, program, run_server, start_server, temporary_directory } from '../lib/server.mjs';
import { start_rtsp } from '../lib/sources.mjs';
import { until } from '../lib/wait.mjs';

// key: [default as printed by --check, a good value, that value as printed, a bad value]
const keys = {
  VIDEO_FILE: ['video.mp4', 'other.mkv', 'other.mkv', 'a\nb'],
  VIDEO_FPS: ['30', '25', '25', 'fast'],
  VIDEO_QUALITY: ['', '0.5', '0.5', '1.1'],
  VIDEO_CRF: ['23', '28', '28', '52'],
  VIDEO_RESOLUTION: ['', '1280x720', '1280x720', '1280x720,vflip'],
  AUDIO_CODEC: ['auto', 'AAC', 'aac', 'copy'],
  AUDIO_BITRATE: ['', '96k', '96k', 'loud'],
  GROWING_FILE: ['false', '1', 'true', 'perhaps'],
  HOST: ['0.0.0.0', '127.0.0.1', '127.0.0.1', 'no host'],
  PORT: ['8000', '8080', '8080', '65536'],
  MAX_CLIENTS: ['100', '7', '7', '-1'],
  VIDEO_PRESET: ['ultrafast', 'superfast', 'superfast', 'quick'],
  VIDEO_PROFILE: ['baseline', 'high', 'high', 'high444'],
  VIDEO_MAXRATE: ['', '4M', '4M', '4 apples'],
  VIDEO_CODEC: ['libx264', 'copy', 'copy', '-y'],
  AUDIO_DEVICE: ['', 'hw:1', 'hw:1', 'a\nb'],
  VIDEO_INPUT_SIZE: ['', '640x480', '640x480', '640'],
  VIDEO_INPUT_FORMAT: ['', 'mjpeg', 'mjpeg', 'm;jpeg'],
  FFMPEG_MEMORY_MB: ['0', '2000', '2000', '2G'],
  SLATE: ['true', '0', 'false', 'perhaps'],
  SOURCE_TIMEOUT: ['auto', '12.5', '12.5', '0'],
  RTSP_TRANSPORT: ['auto', 'UDP', 'udp', 'tls'],
  VIDEO_TRACK: ['', '1', '1', '-1'],
  AUDIO_TRACK: ['', 'pt-BR', 'pt-br', 'e'],
  VIDEO_VARIANT: ['auto', '720P', '720p', 'best'],
  AUDIO: ['auto', 'off', 'off', 'mute'],
  SOURCE_ADDRESSES: ['safe', 'any', 'any', 'private'],
  FAIR_CLIENTS_PER_ADDRESS: ['8', '0', '0', '-1'],
  STATS_VIEWERS: ['127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10', 'none', 'none', '*'],
  FFMPEG: ['ffmpeg', '/opt/ffmpeg', '/opt/ffmpeg', 'a\nb'],
  MAX_CONNECTIONS_PER_ADDRESS: ['1000', '8', '8', 'many'],
  MAX_REQUESTS_PER_SECOND: ['200', '50', '50', '-5'],
  TRUSTED_PROXIES: ['127.0.0.0/8,::1', '10.0.0.0/8', '10.0.0.0/8', '10.0.0.0/99'],
  CORS_ORIGIN: ['*', 'https://example.com', 'https://example.com', 'a\nb'],
  DELIVERY_INTERVAL_MS: ['', '100', '100', '-1'],
  WORKERS: ['0', '2', '2', '257'],
  TITLE: ['Live', 'Bird house & garden', 'Bird house & garden', 'a\nb'],
  ON_DEMAND: ['false', 'yes', 'true', 'perhaps'],
  LINGER: ['10', '2.50', '2.5', '-1'],
  LOG_LEVEL: ['info', 'debug', 'debug', 'chatty'],
  LOG_FORMAT: ['text', 'json', 'json', 'xml'],
};
const flag = (key) => `--${key.toLowerCase().replaceAll('_', '-')}`;
const effective = (stdout) => Object.fromEntries([...stdout.matchAll(/^([A-Z_]+)=(?:'([^']*)'|(\S*))/gm)].map(([, key, quoted, bare]) => [key, quoted ?? bare]));

const check = (t, options) => run_server(t, { ...options, args: ['--check', ...(options.args ?? [])] });

test('--check prints the defaults of the table', async (t) => {
  const { code, stdout } = await check(t, {});
  assert.equal(code, 0);
  const values = effective(stdout);
  for (const [key, [standard]] of Object.entries(keys)) assert.equal(values[key], standard, key);
  assert.deepEqual(Object.keys(values).filter((key) => !(key in keys)), ['WEB_ROOT'], 'a key that no test knows');
});

test('every key is taken from the environment, from .env and from its flag, the flag first', async (t) => {
  for (const [key, [standard, good, printed]] of Object.entries(keys)) {
    const environment = await check(t, { env: { [key]: good } });
    assert.equal(effective(environment.stdout)[key], printed, `${key} in the environment: ${environment.stderr}`);

    const cwd = temporary_directory(t);
    writeFileSync(join(cwd, '.env'), `# settings\nexport ${key}="${good}"\n`);
    assert.equal(effective((await check(t, { cwd })).stdout)[key], printed, `${key} in .env`);
    const both = await check(t, { cwd, env: { [key]: standard || good } });
    assert.equal(effective(both.stdout)[key], standard || printed, `${key}: the environment wins over .env`);
    const flagged = await check(t, { cwd, env: { [key]: standard || good }, args: [flag(key), good] });
    assert.equal(effective(flagged.stdout)[key], printed, `${flag(key)}: ${flagged.stderr}`);
  }
});

test('a bad value is one line with key, value and what is allowed, and exit code 2', async (t) => {
  for (const [key, [, , , bad]] of Object.entries(keys)) {
    for (const options of [{ env: { [key]: bad } }, { args: [`${flag(key)}=${bad}`] }, { args: ['--check'], env: { [key]: bad } }]) {
      const { code, stderr } = await run_server(t, options);
      assert.equal(code, 2, `${key}=${bad}: ${stderr}`);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
      assert.ok(stderr.includes(options.args?.[0].startsWith(flag(key)) ? flag(key) : key), stderr);
      assert.ok(stderr.includes(bad.split('\n')[0]), stderr);
      assert.match(stderr, /must be|allowed/);
    }
  }
});

test('a bad line of .env is named by its number', async (t) => {
  const cwd = temporary_directory(t);
  writeFileSync(join(cwd, '.env'), 'HOST=127.0.0.1\n\nVIDEO_CRF=99\n');
  const { code, stderr } = await run_server(t, { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /\.env line 3.*VIDEO_CRF.*99/);
});

test('an unknown flag and a flag without its value are refused with exit code 2', async (t) => {
  for (const args of [['--video-files', 'x'], ['--port'], ['--config']]) {
    const { code, stderr } = await run_server(t, { args });
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /--help/);
  }
});

test('the source may stand alone on the command line', async (t) => {
  assert.equal(effective((await check(t, { args: ['clip.mp4'] })).stdout).VIDEO_FILE, 'clip.mp4');
});

test('--help names every flag, --version the version', async (t) => {
  const help = await run_server(t, { args: ['--help'] });
  assert.equal(help.code, 0);
  for (const key of Object.keys(keys)) assert.ok(help.stdout.includes(flag(key)), flag(key));
  const version = await run_server(t, { args: ['--version'] });
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^livestream-server \d+\.\d+\.\d+\n$/);
});

test('VIDEO_CRF=0 becomes 1 and says why', async (t) => {
  const { stdout } = await check(t, { env: { VIDEO_CRF: '0' } });
  assert.equal(effective(stdout).VIDEO_CRF, '1');
  assert.match(stdout, /lossless/);
});

test('VIDEO_QUALITY wins over VIDEO_CRF and VIDEO_RESOLUTION and says so', async (t) => {
  const { stdout } = await check(t, { env: { VIDEO_QUALITY: '0.5', VIDEO_CRF: '30', VIDEO_RESOLUTION: '640x360' } });
  assert.match(stdout, /VIDEO_CRF is ignored/);
  assert.match(stdout, /VIDEO_RESOLUTION is ignored/);
});

test('--check masks credentials', async (t) => {
  const { stdout } = await check(t, { env: { VIDEO_FILE: 'rtsp://admin:hunter2@192.168.1.100:554/stream?token=abc123' } });
  assert.doesNotMatch(stdout, /hunter2|abc123/);
  assert.match(stdout, /192\.168\.1\.100:554\/stream/);
});

test('credentials are masked in the log, in /stats and in state messages, also when ffmpeg repeats them', async (t) => {
  const camera = await start_rtsp(t, { user: 'admin', password: 'hunter2' });
  const wrong = camera.url().replace('hunter2', 'wr0ngpass');
  const server = await start_server(t, { env: { VIDEO_FILE: wrong, LOG_LEVEL: 'debug' }, ready: false });
  await until('ffmpeg has been refused', async () => (await server.stats()).source.last_error, { seconds: 20 });
  const stats = (await get(server, '/stats')).text();
  assert.match(stats, /127\.0\.0\.1/);
  for (const text of [server.stderr, server.stdout, stats]) assert.doesNotMatch(text, /wr0ngpass|admin:/);
});

test('with nothing configured the demo plays, and the log says how to change that', async (t) => {
  const server = await start_server(t, { env: { VIDEO_RESOLUTION: '320x180' } });
  assert.equal((await server.stats()).source.kind, 'demo');
  assert.match(server.stderr + server.stdout, /VIDEO_FILE/);
  const viewer = open_stream(t, server);
  await viewer.media(1);
  assert.ok(viewer.checker.video && viewer.checker.audio);
});

test('video.mp4 in the working directory is the default source', async (t) => {
  const cwd = temporary_directory(t);
  copyFileSync(await clip('clip.mp4'), join(cwd, 'video.mp4'));
  const server = await start_server(t, { cwd });
  const { source } = await server.stats();
  assert.equal(source.kind, 'file');
  assert.match(source.url, /video\.mp4$/);
});

test('the addresses to open are printed, and PORT=0 picks a free port each time', async (t) => {
  const first = await start_server(t, { env: { VIDEO_FILE: 'demo' }, ready: false });
  const second = await start_server(t, { env: { VIDEO_FILE: 'demo' }, ready: false });
  assert.notEqual(first.port, second.port);
  assert.equal((await get(first, '/')).status, 200);
  const everywhere = await start_server(t, { env: { VIDEO_FILE: 'demo' }, host: '0.0.0.0', ready: false });
  assert.match(everywhere.stdout, new RegExp(`http://localhost:${everywhere.port}/`));
});

test('a signal in the moment at which the address is printed is a proper end', async (t) => {
  for (let i = 0; i < 10; ++i) {
    const server = spawn(program, { env: environment({ HOST: '127.0.0.1', PORT: '0', VIDEO_FILE: 'demo' }), stdio: ['ignore', 'pipe', 'ignore'] });
    t.after(() => server.kill('SIGKILL'));
    server.stdout.once('data', () => server.kill('SIGTERM'));
    assert.deepEqual(await once(server, 'exit'), [0, null]);
  }
});

test('a port in use is one line and a failure, not a hang', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo' }, ready: false });
  const { code, stderr } = await run_server(t, { env: { VIDEO_FILE: 'demo', HOST: '127.0.0.1', PORT: String(server.port) } });
  assert.ok(code === 1 || code === 2, `${code}`);
  assert.match(stderr, new RegExp(`${server.port}`));
  assert.match(stderr, /in use|listens there/i);
});

test('LOG_FORMAT=json writes one JSON object to a line, LOG_LEVEL=error next to nothing', async (t) => {
  const json = await start_server(t, { env: { VIDEO_FILE: 'demo', LOG_FORMAT: 'json', LOG_LEVEL: 'debug' } });
  await json.stop();
  const lines = json.stderr.trim().split('\n');
  assert.ok(lines.length > 2);
  for (const line of lines) assert.equal(typeof JSON.parse(line), 'object');
  const quiet = await start_server(t, { env: { VIDEO_FILE: 'demo', LOG_LEVEL: 'error' } });
  await quiet.stop();
  assert.equal(quiet.stderr, '');
});

// A program in place of ffmpeg: the text of a shell script.
function fake_ffmpeg(t, script) {
  const path = join(temporary_directory(t), 'ffmpeg');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('an ffmpeg that is missing, too old or lacks an encoder is one clear line with the cure', async (t) => {
  const real = (await run('sh', ['-c', 'command -v ffmpeg'])).stdout.toString().trim();
  const without = (name) => `case "$*" in *encoders*) "${real}" "$@" | grep -v ' ${name} ';; *) exec "${real}" "$@";; esac`;
  const cases = [
    [{ FFMPEG: '/nowhere/ffmpeg' }, /\/nowhere\/ffmpeg/],
    [{ FFMPEG: fake_ffmpeg(t, 'echo "ffmpeg version 2.8.1 Copyright (c) 2000-2015"') }, /2\.8\.1|too old/],
    [{ FFMPEG: fake_ffmpeg(t, without('libx264')) }, /libx264/],
    [{ FFMPEG: fake_ffmpeg(t, without('aac')) }, /aac/i],
    [{ VIDEO_CODEC: 'h264_nonsense' }, /h264_nonsense/],
  ];
  for (const [env, expected] of cases) {
    const { code, stderr } = await run_server(t, { env: { VIDEO_FILE: 'demo', PORT: '0', ...env } });
    assert.ok(code === 1 || code === 2, `${JSON.stringify(env)}: ${code}\n${stderr}`);
    const errors = stderr.trim().split('\n').filter((line) => / error (?!ffmpeg: )|^livestream-server: /.test(line));
    assert.equal(errors.length, 1, stderr);
    assert.match(errors[0], expected);
    assert.match(errors[0], /install|FFMPEG|VIDEO_CODEC|newer|upgrade/i, 'the cure');
  }
});

test('FFMPEG names the program to run', async (t) => {
  const real = (await run('sh', ['-c', 'command -v ffmpeg'])).stdout.toString().trim();
  const link = join(temporary_directory(t), 'my-ffmpeg');
  symlinkSync(real, link);
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo', FFMPEG: link } });
  assert.equal(server.ffmpeg().arguments[0], link);
});
