// `livestream-server doctor`: what it says of sources, programs and ports that work and that do not, and its exit code.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { clip } from '../lib/media.mjs';
import { run_server, start_server, temporary_directory } from '../lib/server.mjs';
import { start_rtsp } from '../lib/sources.mjs';
import { start_tcp_server } from '../lib/tcp_server.mjs';

// {code, lines, text, of(start)}: `of` is the one line about a subject.
async function doctor(t, sources, { env = {}, args = [], cwd } = {}) {
  const { code, stdout, stderr } = await run_server(t, { args: ['doctor', ...sources, ...args], env: { PORT: '0', ...env }, cwd });
  assert.equal(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines.slice(0, -1)) assert.match(line, /^(ok {7}|warning {2}|fault {4})\S.*: \S/);
  const of = (start) => {
    const found = lines.filter((line) => line.slice(9).startsWith(start));
    assert.equal(found.length, 1, `${start} in\n${stdout}`);
    return found[0];
  };
  return { code, lines, text: stdout, of };
}

const program = (t, text) => {
  const path = join(temporary_directory(t), 'ffmpeg');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
};

// `warning … times real time`: this machine is too busy to encode it now, not a fault of the source.
test('a file that plays: what it is, what is made of it, and that it may be passed through', async (t) => {
  const { code, of, lines } = await doctor(t, [await clip('copyable.mp4')]);
  assert.equal(code, 0);
  assert.match(of('source default'), /^(ok|warning(?=.* times real time)) .*: H\.264 640x360, 30 fps, GOP 1\.0 s, sound aac; encoded by libx264 to 640x360, 30 fps, \d+ % of a core; .*VIDEO_CODEC=copy passes it through/);
  assert.match(of('encoder libx264'), /^ok .*works/);
  assert.match(of('encoder aac'), /^ok .*works/);
  assert.match(of('ffmpeg'), /^ok .*version \d+\.\d+/);
  assert.match(of('processor'), /all sources together take about/);
  for (const subject of ['configuration', 'port', 'open files', 'memory', 'clock', 'microphones']) of(subject);
  assert.match(lines.at(-1), /in order|^0 faults/);
});

test('several sources at once, each with its verdict and the reason', async (t) => {
  const silent = await start_tcp_server(t, () => {});
  const began = Date.now();
  const { code, of } = await doctor(t, [await clip('bframes.mp4'), '/no/such/file.mp4', `rtsp://admin:pa55@127.0.0.1:${silent.port}/cam`, 'demo']);
  assert.equal(code, 1);
  assert.match(of('source bframes'), /^(ok|warning(?=.* times real time)) .*VIDEO_CODEC=copy cannot be used with this source: its video has B-frames/);
  assert.match(of('source file'), /^fault .*does not exist/);
  assert.match(of('source 127-0-0-1 '), /^fault .*rtsp:\/\/\*\*\*@127\.0\.0\.1:\d+\/cam\): nothing came from the source for \d+ s/);
  assert.match(of('source demo'), /^(ok|warning(?=.* times real time)) .*built-in test picture, encoded by libx264/);
  assert.ok(Date.now() - began < 25_000, `took ${Date.now() - began} ms`);
});

test('a camera with a password: GOP, sound, passed through, and no password in the report', async (t) => {
  const camera = await start_rtsp(t, { user: 'admin', password: 'Gehe1m' });
  const { code, of, text } = await doctor(t, [camera.url()]);
  assert.equal(code, 0, text);
  assert.match(of('source default'), /^(ok|warning(?=.* times real time)) .*rtsp:\/\/\*\*\*@.*: H\.264 640x360, 30 fps, GOP 1\.0 s, sound pcm_mulaw; encoded .*VIDEO_CODEC=copy passes it through/);
  assert.doesNotMatch(text, /Gehe1m/);
  const wrong = await doctor(t, [camera.url().replace('Gehe1m', 'Fa1sch')]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.of('source default'), /^fault .*(password|401)/);
  assert.doesNotMatch(wrong.text, /Fa1sch/);
});

test('VIDEO_CODEC=copy: passed through, or the reason why not', async (t) => {
  const env = { VIDEO_CODEC: 'copy' };
  const good = await doctor(t, [await clip('long.mp4')], { env });
  assert.equal(good.code, 0);
  assert.match(good.of('source default'), /^ok .*GOP 1\.0 s, no sound; passed through \(avc1\.\w+/);
  const bad = await doctor(t, [await clip('bframes.mp4')], { env });
  assert.equal(bad.code, 1);
  assert.match(bad.of('source default'), /^fault .*B-frames.*use VIDEO_CODEC=libx264/);
});

test('an ffmpeg that is missing, of no use, or hangs', async (t) => {
  const source = await clip('copyable.mp4');
  for (const [ffmpeg, words] of [
    ['/no/such/ffmpeg', /there is no such program/],
    [program(t, 'exit 1'), /lists no encoders/],
    [program(t, 'echo "ffmpeg version 3.4 x" >&2; echo " ------"; echo " V..... libx264 x"; echo " A..... aac x"'), /too old/],
    [program(t, 'exec sleep 60'), /does not answer/],
  ]) {
    const { code, of } = await doctor(t, [source], { args: ['--ffmpeg', ffmpeg] });
    assert.equal(code, 1);
    assert.match(of('ffmpeg'), /^fault /);
    assert.match(of('ffmpeg'), words);
    assert.match(of('source default'), /^fault /);
  }
});

test('an encoder that a stream asks for and that does not work here', async (t) => {
  const { code, of } = await doctor(t, [await clip('copyable.mp4')], { env: { VIDEO_CODEC: 'h264_none' } });
  assert.equal(code, 1);
  assert.match(of('source default'), /^fault .*VIDEO_CODEC=h264_none: this ffmpeg has no such encoder/);
});

test('a port that is in use', async (t) => {
  const other = await start_tcp_server(t, () => {});
  const { code, of } = await doctor(t, ['demo'], { env: { PORT: String(other.port), HOST: '127.0.0.1' } });
  assert.equal(code, 1);
  assert.match(of('port'), /^fault .*something else listens there already/);
});

test('a server that runs already is not a fault of the port', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: await clip('copyable.mp4'), VIDEO_CODEC: 'copy' }, host: '0.0.0.0' });
  const { of } = await doctor(t, ['demo'], { env: { PORT: String(server.port) } });
  assert.match(of('port'), /^ok .*a livestream-server listens on \d+ already/);
});

test('a configuration that does not load: its fault, and all that does not depend on it', async (t) => {
  const cwd = temporary_directory(t);
  writeFileSync(join(cwd, 'livestream.yml'), 'streams:\n  front: demo\nvideo_crf: 99\n');
  const { code, of, text } = await doctor(t, [], { cwd });
  assert.equal(code, 1);
  assert.match(of('configuration'), /^fault .*livestream\.yml line 3/);
  assert.match(of('ffmpeg'), /^ok /);
  assert.doesNotMatch(text, /source/);
});

test('a file of streams: which file, and what is switched off', async (t) => {
  const cwd = temporary_directory(t);
  writeFileSync(join(cwd, 'livestream.yml'), 'streams:\n  front: nosuchscheme://x\n  back:\n    source: demo\n    enabled: false\n');
  const { code, of } = await doctor(t, [], { cwd });
  assert.equal(code, 1);
  assert.match(of('configuration'), /^ok .*2 streams from .*livestream\.yml/);
  assert.match(of('source front'), /^fault /);
  assert.match(of('source back'), /^ok .*switched off/);
});

test('--json is one object, and --help names the doctor', async (t) => {
  const { code, stdout } = await run_server(t, { args: ['doctor', '--json', 'rtsp://u:hush@127.0.0.1:1/x'], env: { PORT: '0' } });
  assert.equal(code, 1);
  const { checks, faults } = JSON.parse(stdout);
  assert.equal(faults, checks.filter((check) => check.verdict === 'fault').length);
  assert.match(checks.find((check) => check.subject.startsWith('source')).text, /nothing listens/);
  assert.doesNotMatch(stdout, /hush/);
  for (const args of [['--help'], ['doctor', '--help']]) assert.match((await run_server(t, { args })).stdout, /doctor/);
});
