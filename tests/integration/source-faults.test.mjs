// Failing sources: reported in words within five seconds, tried again, and recovered in the open response.
import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { change_payloads, pes_header_size, pids, without } from '../lib/mpegts.mjs';
import { alive, children_of, run } from '../lib/process.mjs';
import { run_server, start_server, temporary_directory } from '../lib/server.mjs';
import { free_port, start_ffmpeg, start_http, start_rtsp } from '../lib/sources.mjs';
import { start_tcp_server } from '../lib/tcp_server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const small = { VIDEO_RESOLUTION: '320x180' };
// Five seconds to notice, plus the time that a busy machine needs to start ffmpeg and to answer.
const noticed = { seconds: 7 };

// MPEG-TS parts for streams that change on their way; `more` are ffmpeg's arguments after the inputs.
async function transport_stream(t, { size = '320x180', seconds = 4, sound = seconds, picture = seconds, offset = 0 } = {}) {
  const path = join(temporary_directory(t), 'part.ts');
  const made = await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-t', String(picture), '-i', `testsrc2=size=${size}:rate=30`,
    '-f', 'lavfi', '-t', String(sound), '-i', 'sine=frequency=440', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '15',
    '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-output_ts_offset', String(offset), '-f', 'mpegts', path]);
  assert.equal(made.code, 0, made.stderr);
  return path;
}

// Serves `parts` ([path, seconds]) over HTTP in real time, each client from the beginning, then keeps the connection.
async function serve_parts(t, parts) {
  const queue = parts.map(([path, seconds]) => ({ bytes: readFileSync(path), seconds }));
  return start_http(t, async (request, response) => {
    response.writeHead(200, { 'Content-Type': 'video/mp2t' });
    for (const { bytes, seconds } of queue) {
      const steps = seconds * 20;
      for (let step = 0; step < steps && !response.destroyed; ++step) {
        response.write(bytes.subarray(Math.floor((bytes.length * step) / steps), Math.floor((bytes.length * (step + 1)) / steps)));
        await sleep(50);
      }
    }
  });
}

const answers = [
  ['401', 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n', /user and password/],
  ['404', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', /404/],
  ['503', 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n', /5xx/],
  ['garbage', `HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n${'garbage '.repeat(50000)}`, /not a video|ended before/],
];
for (const [what, answer, words] of answers) {
  test(`${what} at the start is named within five seconds and retried`, async (t) => {
    let asked = 0;
    const { port } = await start_tcp_server(t, (socket) => socket.once('data', () => { ++asked; socket.end(answer); }));
    const server = await start_server(t, { env: { ...small, VIDEO_FILE: `http://127.0.0.1:${port}/x.ts` }, ready: false });
    const { source } = await until('the words', async () => {
      const stats = await server.stats();
      return words.test(stats.source.last_error ?? '') && stats;
    }, noticed);
    assert.notEqual(source.state, 'running');
    const before = asked;
    await until('it is tried again', () => asked > before, { seconds: 8 });
    assert.match(server.stderr, words);
  });
}

test('a port where nothing listens, and a host that does not exist', async (t) => {
  const servers = [
    [await start_server(t, { env: { VIDEO_FILE: `rtsp://127.0.0.1:${await free_port()}/x` }, ready: false }), /Connection refused/],
    [await start_server(t, { env: { VIDEO_FILE: 'rtsp://no-such-host.invalid/x' }, ready: false }), /host name is not known|nothing came/],
  ];
  for (const [server, words] of servers) {
    await until('the words', async () => words.test((await server.stats()).source.last_error ?? ''), noticed);
  }
});

for (const scheme of ['rtsp', 'http', 'tcp']) {
  test(`${scheme}: a server that accepts and says nothing is named within five seconds`, async (t) => {
    const { port } = await start_tcp_server(t, () => {});
    const server = await start_server(t, { env: { VIDEO_FILE: `${scheme}://127.0.0.1:${port}/x` }, ready: false });
    const started = Date.now();
    await until('the words', async () => /nothing came from the source for 5 s|does not answer/.test((await server.stats()).source.last_error ?? ''), noticed);
    assert.ok(Date.now() - started > 1000);
    const pid = server.ffmpeg()?.pid;
    await until('another attempt', () => server.ffmpeg() && server.ffmpeg().pid !== pid, { seconds: 25 });
  });
}

test('hang in mid-stream: waiting and the words within five seconds, a slate, and the same response heals', async (t) => {
  const source = await serve_parts(t, [[await transport_stream(t), 4]]);
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: `${source.url}/x.ts` } });
  const viewer = open_stream(t, server);
  await viewer.media(1);
  const missed = await until('waiting', async () => {
    const { source: status } = await server.stats();
    return status.state === 'waiting' && status;
  }, { seconds: 12 });
  assert.match(missed.last_error ?? '', /nothing came from the source for 2 s/);
  // By a restart, or by ffmpeg's own reconnection after the same time.
  const known = viewer.checker.of('video').length;
  const own_picture = async () => (await server.stats()).source.state === 'running' && viewer.checker.of('video').length > known;
  await until('healed', own_picture, { seconds: 20 });
  assert.equal(viewer.error, null);
});

for (const signal of ['SIGSTOP', 'SIGKILL']) {
  test(`${signal} of ffmpeg heals in the open response`, async (t) => {
    const server = await start_server(t, { env: { ...small, VIDEO_FILE: 'demo' } });
    const viewer = open_stream(t, server);
    await viewer.media(1);
    const { pid } = server.ffmpeg();
    process.kill(pid, signal);
    await until('another one', () => server.ffmpeg() && server.ffmpeg().pid !== pid && !alive(pid), noticed);
    await server.wait_running();
    const { source } = await server.stats();
    assert.match(source.last_error, signal === 'SIGSTOP' ? /nothing came/ : /signal 9/);
    const known = viewer.checker.of('video').length;
    await viewer.until('pictures', ({ checker }) => checker.of('video').length > known + 30);
  });
}

test('times that leap an hour: no flood of repeated pictures, the source is opened anew', async (t) => {
  const path = join(temporary_directory(t), 'leap.flv');
  const made = await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-t', '12', '-i', 'testsrc2=size=320x180:rate=30', '-vf', 'setpts=PTS+gte(T\\,8)*3600/TB',
    '-fps_mode', 'passthrough', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30', '-pix_fmt', 'yuv420p',
    '-flvflags', 'no_duration_filesize', path]);
  assert.equal(made.code, 0, made.stderr);
  const source = await serve_parts(t, [[path, 12]]);
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: `${source.url}/x.flv` } });
  const viewer = open_stream(t, server);
  const { source: status } = await until('opened anew', async () => {
    const stats = await server.stats();
    return stats.source.restarts === 1 && stats;
  }, { seconds: 30 });
  assert.match(status.last_error, /times have jumped/);
  await server.wait_running();
  assert.equal(viewer.error, null);
  // An hour has 108,000 pictures.
  assert.ok(viewer.checker.of('video').length < 6000, `${viewer.checker.of('video').length} pictures`);
});

test('sound that is announced and never sent: the picture plays without it', async (t) => {
  const path = await transport_stream(t, { seconds: 10 });
  writeFileSync(path, without(readFileSync(path), pids.audio));
  const source = await serve_parts(t, [[path, 10]]);
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: `${source.url}/x.ts` } });
  const viewer = open_stream(t, server);
  await viewer.media(3);
  // Silence stands in for it, without a hole and without a warning that it has stopped.
  assert.deepEqual(viewer.checker.gaps(0.1).filter(({ kind }) => kind === 'audio'), []);
  const { source: status } = await server.stats();
  assert.deepEqual([status.state, status.restarts, status.warning], ['running', 0, null]);
});

test('sound of which no byte can be decoded: the picture plays within 8 s, and /stats says why it is silent', async (t) => {
  const path = await transport_stream(t, { seconds: 20 });
  writeFileSync(path, change_payloads(readFileSync(path), pids.audio, (payload, begins) => randomFillSync(payload.subarray(begins ? pes_header_size : 0))));
  const source = await serve_parts(t, [[path, 20]]);
  const began = Date.now();
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: `${source.url}/x.ts` } });
  const viewer = open_stream(t, server);
  await viewer.media(3);
  assert.ok(Date.now() - began < 8000, `${Date.now() - began} ms`);
  const { source: status } = await server.stats();
  assert.equal(status.state, 'running');
  // Some bytes may pass for sound by chance: then it has stopped.
  await until('the words', async () => {
    const { source: { notes, warning } } = await server.stats();
    return notes.some((note) => /announces sound/.test(note)) || /sound has stopped/.test(warning ?? '');
  }, { seconds: 10 });
});

test('sound alone stops: a warning, silence in its place, and the picture goes on without a restart', async (t) => {
  const source = await serve_parts(t, [[await transport_stream(t, { seconds: 14, sound: 4 }), 14]]);
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: `${source.url}/x.ts` } });
  const viewer = open_stream(t, server);
  await viewer.media(2);
  await until('the warning', async () => /sound has stopped/.test((await server.stats()).source.warning ?? ''), { seconds: 12 });
  const at = viewer.checker.of('video').at(-1).start_s;
  await viewer.until('three more seconds of both', ({ checker }) => checker.of('video').at(-1).start_s > at + 3 && checker.of('audio').at(-1).start_s > at + 2.5, 8);
  assert.deepEqual(viewer.checker.gaps(0.1).filter(({ kind }) => kind === 'audio'), []);
  const { source: status } = await server.stats();
  assert.equal(status.restarts, 0);
  assert.equal(status.state, 'running');
});

test('the picture alone stops: it stands while the sound goes on, without a restart', async (t) => {
  const source = await serve_parts(t, [[await transport_stream(t, { seconds: 14, picture: 4 }), 14]]);
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: `${source.url}/x.ts` } });
  const viewer = open_stream(t, server);
  await viewer.media(5);
  const at = viewer.checker.of('video').at(-1).start_s;
  await viewer.until('three more seconds of both', ({ checker }) => checker.of('video').at(-1).start_s > at + 3 && checker.of('audio').at(-1).start_s > at + 2.5, 8);
  const { source: status } = await server.stats();
  assert.deepEqual([status.state, status.restarts], ['running', 0]);
  assert.equal(viewer.error, null);
});

test('times that jump hours forward and back, and a picture that changes its size', async (t) => {
  const now = await transport_stream(t);
  const source = await serve_parts(t, [[now, 4], [await transport_stream(t, { offset: 4 * 3600 }), 4], [now, 4], [await transport_stream(t, { size: '640x360' }), 4], [now, 4]]);
  const server = await start_server(t, { env: { VIDEO_FILE: `${source.url}/x.ts` } });
  const viewer = open_stream(t, server);
  await viewer.media(18, 40);
  const seconds = viewer.checker.seconds();
  const passed = (viewer.checker.fragments.at(-1).at - viewer.checker.fragments[0].at) / 1000;
  t.diagnostic(`gaps ${JSON.stringify(viewer.checker.gaps(0.2))}, inits ${viewer.checker.inits.length}, restarts ${(await server.stats()).source.restarts}, ${(await server.stats()).source.last_error}`);
  // The first second comes at once, because ffmpeg reads so much of an MPEG-TS before it begins.
  assert.ok(Math.abs(seconds - passed) < 4, `${seconds} s of media in ${passed} s`);
});

test('ffmpeg vanishes and comes back; one that closes its output is replaced', async (t) => {
  const directory = temporary_directory(t);
  const program = join(directory, 'ffmpeg');
  const script = (text) => {
    writeFileSync(`${program}.new`, `#!/bin/sh\n${text}\n`);
    chmodSync(`${program}.new`, 0o755);
    renameSync(`${program}.new`, program);
  };
  script('exec ffmpeg "$@"');
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: 'demo', FFMPEG: program } });
  const viewer = open_stream(t, server);
  await viewer.media(1);
  renameSync(program, `${program}.away`);
  process.kill(server.ffmpeg()?.pid ?? children_of(server.pid)[0].pid, 'SIGKILL');
  await until('the words', async () => /no such program/.test((await server.stats()).source.last_error ?? ''), noticed);
  script('exec 1>&-; exec sleep 60');
  await until('it is started', async () => (await server.stats()).source.ffmpeg_pid ?? children_of(server.pid).length, { seconds: 8 });
  await until('named', async () => /nothing came/.test((await server.stats()).source.last_error ?? ''), { seconds: 15 });
  script('exec ffmpeg "$@"');
  await server.wait_running(40);
  assert.equal(viewer.error, null);
  assert.deepEqual(children_of(server.pid).filter(({ state }) => state === 'Z'), []);
});

test('the child is restricted: privileges, descriptors, cores, memory, its own group, first to go', async (t) => {
  const server = await start_server(t, { env: { ...small, VIDEO_FILE: 'demo', FFMPEG_MEMORY_MB: '1500' } });
  const { pid } = server.ffmpeg();
  const proc = (name) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  assert.match(proc('status'), /NoNewPrivs:\s+1/);
  assert.match(proc('limits'), /Max core file size\s+0\s+0/);
  assert.match(proc('limits'), /Max open files\s+1024\s+1024/);
  assert.match(proc('limits'), /Max data size\s+1572864000/);
  assert.equal(Number(proc('oom_score_adj')), 800);
  assert.equal(Number(proc('stat').split(') ')[1].split(' ')[2]), pid, 'its own process group');
  assert.ok(existsSync(`/proc/${server.pid}`));
});

test('an ffmpeg that runs out of memory is named and retried', async (t) => {
  // ffmpeg needs more than this with any number of processor cores, and so of threads.
  const server = await start_server(t, { env: { SLATE: '0', VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '1920x1080', FFMPEG_MEMORY_MB: '64' }, ready: false });
  await until('the words', async () => /out of memory/.test((await server.stats()).source.last_error ?? ''), noticed);
  await until('retried', async () => (await server.stats()).source.restarts >= 1, { seconds: 8 });
});

test('a playlist cannot read local files, wherever it comes from', async (t) => {
  const directory = temporary_directory(t);
  copyFileSync(await clip('interlaced.ts'), join(directory, 'secret.ts'));
  const list = (url) => `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${url}\n#EXT-X-ENDLIST\n`;
  const hostile = [`file://${directory}/secret.ts`, `${directory}/secret.ts`, `concat:${directory}/secret.ts`, `subfile,,start,0,end,0,,:${directory}/secret.ts`, `crypto:file:${directory}/secret.ts`];
  const source = await start_http(t, (request, response) => {
    const index = Number(request.url.match(/^\/(\d+)\.m3u8/)?.[1] ?? NaN);
    if (Number.isNaN(index)) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': 'application/vnd.apple.mpegurl' }).end(list(hostile[index]));
  });
  writeFileSync(join(directory, 'evil.mp4'), list(`file://${directory}/secret.ts`));
  const files = [...hostile.map((_, index) => `${source.url}/${index}.m3u8`), join(directory, 'evil.mp4')];
  for (const file of files) {
    const server = await start_server(t, { env: { SLATE: '0', VIDEO_FILE: file }, ready: false });
    await until('an error', async () => (await server.stats()).source.last_error, { seconds: 12 });
    assert.equal((await server.stats()).broadcaster.running, false, file);
    await server.stop();
  }
});

test('credentials appear nowhere, whatever the shape of the URL and however it fails', async (t) => {
  const { port: refuse } = await start_tcp_server(t, (socket) => socket.once('data', () => socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n')));
  const closed = await free_port();
  const { port: rtsp } = await start_rtsp(t, { user: 'other', password: 'else' });
  const secret = 'hunter2';
  const urls = [
    `http://admin:${secret}@127.0.0.1:${refuse}/x.m3u8`, `http://127.0.0.1:${refuse}/x?token=${secret}`, `http://${secret}@127.0.0.1:${refuse}/x`,
    `http://admin:p%40${secret}@127.0.0.1:${closed}/x`, `http://admin:a/b#${secret}@127.0.0.1:${closed}/x`, `rtsp://admin:${secret}@127.0.0.1:${rtsp}/camera`,
    `rtsp://admin:${secret}@no-such-host.invalid/x`, `rtmp://127.0.0.1:${closed}/live/x?key=${secret}`, `srt://127.0.0.1:${closed}?passphrase=${secret}12345&streamid=${secret}`,
    `tcp://admin:${secret}@127.0.0.1:${closed}`, `http://127.0.0.1:${refuse}/x?user=a&password=${secret}&b=1`,
  ];
  for (const url of urls) {
    const checked = await run_server(t, { args: ['--check', url] });
    assert.doesNotMatch(checked.stdout + checked.stderr, new RegExp(secret), url);
    const server = await start_server(t, { env: { ...small, VIDEO_FILE: url, LOG_LEVEL: 'debug' }, ready: false });
    const viewer = open_stream(t, server, { record: join(server.cwd, 'stream') });
    await until('an error', async () => (await server.stats()).source.last_error, { seconds: 12 });
    const stats = JSON.stringify(await server.stats());
    if (url === urls[0]) await viewer.until('a message', ({ checker }) => checker.messages.length > 0);
    await viewer.close();
    await server.stop();
    const stream = existsSync(join(server.cwd, 'stream')) ? readFileSync(join(server.cwd, 'stream'), 'latin1') : '';
    assert.doesNotMatch(stats + server.stderr + server.stdout + stream, new RegExp(secret), url);
  }
});
