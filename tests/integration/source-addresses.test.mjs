// Where an HTTP source may lead ffmpeg: playlists over several hosts, redirects, https and seeks go through the guard
// unharmed; what AddressPolicy forbids is refused before a byte is sent, and said in words.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:https';
import { createServer as create_tcp_server } from 'node:net';
import { release } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { start_http } from '../lib/sources.mjs';
import { until } from '../lib/wait.mjs';

const small = { VIDEO_RESOLUTION: '320x180' };

async function plays(t, source, seconds = 3) {
  const server = await start_server(t, { env: { VIDEO_FILE: source, LOG_LEVEL: 'debug', ...small }, ready: false });
  await server.wait_running(30);
  const viewer = open_stream(t, server);
  await viewer.media(seconds, seconds + 25);
  return server;
}

const fails = async (t, source, env = {}) => {
  const server = await start_server(t, { env: { VIDEO_FILE: source, ...small, ...env }, ready: false });
  return until('an error', async () => (await server.stats()).source.last_error, { seconds: 30 });
};

// Serves the files of a folder with ranges, as `first` says for the paths that it knows.
function serve(folder, first = {}) {
  return (request, response) => {
    const path = request.url.split('?')[0];
    if (first[path]) return first[path](request, response);
    const file = join(folder, path);
    if (!existsSync(file)) return response.writeHead(404).end();
    const size = statSync(file).size;
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      'Accept-Ranges': 'bytes',
      'Content-Length': size - start,
      ...(start > 0 && { 'Content-Range': `bytes ${start}-${size - 1}/${size}` }),
    });
    createReadStream(file, { start }).pipe(response);
  };
}

const send_text = (text) => (request, response) => response.end(text);
const redirect = (to) => (request, response) => response.writeHead(302, { Location: to }).end();

async function hls_folder(t) {
  const folder = temporary_directory(t);
  const made = await run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-i', await clip('copyable.mp4'), '-c', 'copy', '-f', 'hls', '-hls_time', '1', '-hls_playlist_type', 'vod', join(folder, 'vod.m3u8')]);
  assert.equal(made.code, 0, made.stderr);
  return folder;
}

// Everything that connects is counted, nothing is answered.
async function start_trap(t, address) {
  let hits = 0;
  const server = create_tcp_server((socket) => {
    hits += 1;
    socket.on('error', () => {});
    socket.end();
  });
  await new Promise((resolve) => server.listen(0, address, resolve));
  t.after(() => server.close());
  return { url: `${address}:${server.address().port}`, hits: () => hits };
}

test('a playlist whose segments are on another host plays', async (t) => {
  const folder = await hls_folder(t);
  const segments = await start_http(t, serve(folder));
  const other = segments.url.replace('127.0.0.1', 'localhost');
  const playlist = readFileSync(join(folder, 'vod.m3u8'), 'utf8').replace(/^(vod\d+\.ts)$/gm, `${other}/$1`);
  const source = await start_http(t, serve(folder, { '/two.m3u8': send_text(playlist) }));
  await plays(t, `${source.url}/two.m3u8`);
});

test('a redirect and an MP4 whose index is at its end play', async (t) => {
  const folder = temporary_directory(t);
  const file = join(folder, 'end.mp4');
  const made = await run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-i', await clip('copyable.mp4'), '-c', 'copy', file]);
  assert.equal(made.code, 0, made.stderr);
  const target = await start_http(t, serve(folder));
  const source = await start_http(t, redirect(`${target.url}/end.mp4`));
  await plays(t, `${source.url}/start`);
});

test('https plays through a tunnel', async (t) => {
  const folder = temporary_directory(t);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
  copyFileSync(await clip('copyable.mp4'), join(folder, 'clip.mp4'));
  const server = createServer({ key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) }, serve(folder));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  await plays(t, `https://localhost:${server.address().port}/clip.mp4`);
});

const playlist_of = (segment, key = '') => `#EXTM3U\n#EXT-X-TARGETDURATION:2\n${key}#EXTINF:2,\n${segment}\n#EXT-X-ENDLIST\n`;
const manifest_of = (base) => `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000"><BaseURL>${base}</BaseURL><SegmentList duration="2"><Initialization sourceURL="init.mp4"/><SegmentURL media="a.m4s"/></SegmentList></Representation></AdaptationSet></Period></MPD>`;

// An address of the link that is not there: a request to it would time out, or be refused by a router.
const forbidden = '169.254.169.254';

for (const [what, answer] of Object.entries({
  segment: send_text(playlist_of(`http://${forbidden}/a.ts`)),
  'https segment': send_text(playlist_of(`https://${forbidden}/a.ts`)),
  'init segment': send_text(playlist_of('a.m4s', `#EXT-X-MAP:URI="http://${forbidden}/init.mp4"\n`)),
  'variant playlist': send_text(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://${forbidden}/v.m3u8\n`),
  manifest: send_text(manifest_of(`http://${forbidden}/`)),
  redirect: redirect(`http://${forbidden}/latest/meta-data/`),
  'redirect to https': redirect(`https://${forbidden}/latest/meta-data/`),
  'mapped address': redirect(`http://[::ffff:${forbidden}]/`),
})) {
  test(`a source that leads to a forbidden address is refused: ${what}`, async (t) => {
    const source = await start_http(t, answer);
    const error = await fails(t, `${source.url}/live.${what === 'manifest' ? 'mpd' : 'm3u8'}`);
    assert.match(error, /^the source leads to \S*169\.254\.169\.254.*: refused; SOURCE_ADDRESSES=any allows it$/);
  });
}

test('with SOURCE_ADDRESSES=any nothing is in between', async (t) => {
  const source = await start_http(t, redirect('http://127.0.0.2:9/'));
  const error = await fails(t, `${source.url}/x.mp4`, { SOURCE_ADDRESSES: 'any' });
  assert.match(error, /nothing listens/);
});

test('why a server is not reached is said as without the guard', async (t) => {
  assert.match(await fails(t, 'http://127.0.0.1:9/x.mp4'), /nothing listens at the source's address/);
  assert.match(await fails(t, 'http://no-such-host.invalid/x.mp4'), /host name is not known/);
});

// `httpproxy` opens a connection of its own. Needs Linux 6.7 with Landlock.
const [major, minor] = release().split('.').map(Number);
const has_landlock = process.platform === 'linux' && (major > 6 || (major === 6 && minor >= 7));
test('a playlist cannot name a proxy of its own', { skip: has_landlock ? false : 'no Landlock for TCP' }, async (t) => {
  const trap = await start_trap(t, '127.0.0.2');
  const source = await start_http(t, serve(await hls_folder(t), {
    '/key.m3u8': send_text(playlist_of('vod0.ts', `#EXT-X-KEY:METHOD=AES-128,URI="httpproxy://${trap.url}/key"\n`)),
    '/segment.m3u8': send_text(playlist_of(`httpproxy://${trap.url}/a.ts`)),
  }));
  for (const playlist of ['key', 'segment']) await fails(t, `${source.url}/${playlist}.m3u8`);
  assert.equal(trap.hits(), 0);
});

test('the password of the guard is not in the command line', async (t) => {
  const folder = await hls_folder(t);
  const source = await start_http(t, serve(folder));
  const server = await plays(t, `${source.url}/vod.m3u8`, 1);
  const ffmpeg = await until('an ffmpeg', () => server.ffmpeg());
  const [, password] = /http_proxy=http:\/\/(g:[0-9a-f]{24})@127/.exec(readFileSync(`/proc/${ffmpeg.pid}/environ`, 'latin1'));
  assert.ok(!ffmpeg.arguments.join(' ').includes(password));
  assert.ok(!server.stderr.includes(password));
});
