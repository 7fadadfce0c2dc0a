// Faults of real sources, told in words: `/stats` and the log say what is wrong and what to do about it, never ffmpeg's own
// line alone. The sources are strangers' servers, so small stand-ins that answer as those do are enough.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as create_https_server } from 'node:https';
import { join } from 'node:path';
import test from 'node:test';
import { cleanup } from '../lib/cleanup.mjs';
import { clip } from '../lib/media.mjs';
import { run } from '../lib/process.mjs';
import { run_server, start_server, temporary_directory } from '../lib/server.mjs';
import { free_port, start_ffmpeg, start_http } from '../lib/sources.mjs';
import { start_tcp_server } from '../lib/tcp_server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const small = { VIDEO_RESOLUTION: '320x180', SLATE: 'off' };

async function make(path, ...args) {
  const made = await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args, path]);
  assert.equal(made.code, 0, made.stderr);
  return readFileSync(path);
}

// Everything that speaks HTTP, at one port, by path.
async function start_web(t) {
  const folder = temporary_directory(t);
  const whole = await make(join(folder, 'end.mp4'), '-i', await clip('copyable.mp4'), '-c', 'copy');
  const png = await make(join(folder, 'p.png'), '-f', 'lavfi', '-i', 'color=size=64x64', '-frames:v', '1');
  const playlist = (...lines) => ['application/vnd.apple.mpegurl', ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...lines, ''].join('\n')];
  const bodies = {
    '/end.mp4': ['video/mp4', whole],
    '/cut.mp4': ['video/mp4', whole.subarray(0, Math.floor(whole.length / 2))],
    '/empty.m3u8': playlist('#EXT-X-ENDLIST'),
    '/empty-live.m3u8': playlist('#EXT-X-MEDIA-SEQUENCE:0'),
    '/gone.m3u8': playlist('#EXTINF:2,', 'gone1.ts', '#EXTINF:2,', 'gone2.ts', '#EXT-X-ENDLIST'),
    '/gone-variant.m3u8': playlist('#EXT-X-STREAM-INF:BANDWIDTH=1000', 'no-such.m3u8'),
    '/sample-aes.m3u8': playlist('#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://key",KEYFORMAT="com.apple.streamingkeydelivery"', '#EXTINF:2,', 'noise.ts', '#EXT-X-ENDLIST'),
    '/no-key.m3u8': playlist('#EXT-X-KEY:METHOD=AES-128,URI="no-such-key"', '#EXTINF:2,', 'noise.ts', '#EXT-X-ENDLIST'),
    '/noise.ts': ['video/mp2t', Buffer.alloc(188 * 2000, 'G\x41noise')],
    '/gone.mpd': ['application/dash+xml', '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000"><SegmentList duration="2"><Initialization sourceURL="no.mp4"/><SegmentURL media="no.m4s"/></SegmentList></Representation></AdaptationSet></Period></MPD>'],
    '/login.html': ['text/html', `<!DOCTYPE html><html><head><title>Login</title></head><body><form>${'<p>Camera</p>'.repeat(400)}</form></body></html>`],
    '/short.html': ['text/html', '<html><body>Please log in</body></html>'],
    '/json': ['application/json', '{"error":"no such stream"}'],
    '/empty': ['video/mp4', ''],
    '/p.bin': ['application/octet-stream', png.subarray(0, 20)],
  };
  const web = await start_http(t, (request, response) => {
    const status = /^\/status\/(\d+)/.exec(request.url)?.[1];
    if (status) return response.writeHead(Number(status), status === '401' ? { 'WWW-Authenticate': 'Basic realm="x"' } : {}).end('<html>no</html>');
    if (request.url.startsWith('/loop')) return response.writeHead(302, { Location: `${request.url}1` }).end();
    if (request.url.startsWith('/self')) return response.writeHead(302, { Location: request.url }).end();
    const body = bodies[request.url];
    if (!body) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': body[0], 'Content-Length': body[1].length, 'Accept-Ranges': 'none' }).end(body[1]);
  });
  return web.url;
}

// A camera that answers the method `refused` with `status`.
async function start_camera(t, refused, status, sdp = 'a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1') {
  const { port } = await start_tcp_server(t, (socket) => socket.on('data', (bytes) => {
    const text = bytes.toString('latin1');
    const method = /^(\w+) /.exec(text)?.[1];
    const number = /CSeq: (\d+)/i.exec(text)?.[1] ?? 0;
    const answer = (line, headers = '', body = '') => socket.write(`RTSP/1.0 ${line}\r\nCSeq: ${number}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);
    if (method === refused) return answer(status, status.startsWith('401') ? 'WWW-Authenticate: Basic realm="camera"\r\n' : '');
    if (method === 'DESCRIBE') return answer('200 OK', 'Content-Type: application/sdp\r\n', `v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n${sdp}\r\na=control:track1\r\n`);
    if (method === 'SETUP') return answer('200 OK', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n');
    if (method === 'PLAY') {
      answer('200 OK', 'Session: 1\r\n');
      // Slices that refer to parameter sets which never come.
      let sequence = 0;
      const timer = setInterval(() => {
        const rtp = Buffer.alloc(12 + 1000, 0x55);
        rtp.writeUInt16BE(0x80e0, 0);
        rtp.writeUInt16BE(sequence++ & 0xffff, 2);
        rtp.writeUInt32BE(sequence * 3600, 4);
        rtp.writeUInt32BE(1, 8);
        rtp[12] = 0x41;
        const head = Buffer.from([0x24, 0, 0, 0]);
        head.writeUInt16BE(rtp.length, 2);
        if (!socket.destroyed) socket.write(Buffer.concat([head, rtp]));
      }, 40);
      socket.on('close', () => clearInterval(timer));
      return undefined;
    }
    return answer('200 OK', 'Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n');
  }));
  return `rtsp://127.0.0.1:${port}/camera`;
}

// An SRT listener that rejects each caller by `reason` (draft-sharabayko-srt §4.3), as servers do for an unknown streamid.
async function start_srt_that_rejects(t, reason) {
  const socket = createSocket('udp4');
  socket.on('message', (packet, { port, address }) => {
    if (packet.readUInt16BE(0) !== 0x8000 || packet.length < 64) return;
    const answer = Buffer.from(packet.subarray(0, 64));
    packet.copy(answer, 12, 40, 44); // To the caller's socket id.
    if (packet.readInt32BE(36) === 1) {
      answer.writeUInt32BE(5, 16);
      answer.writeUInt16BE(0x4a17, 22);
      answer.writeUInt32BE(0x1234, 44);
    } else {
      answer.writeUInt32BE(1000 + reason, 36);
    }
    socket.send(answer, port, address);
  });
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  cleanup(t, () => socket.close());
  return `srt://127.0.0.1:${socket.address().port}?streamid=garden`;
}

async function start_https(t, subject = '/CN=localhost') {
  const folder = temporary_directory(t);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', subject,
    '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
  const server = create_https_server({ key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) }, (request, response) => response.end('x'));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.on('tlsClientError', () => {});
  cleanup(t, () => { server.closeAllConnections(); return new Promise((resolve) => server.close(resolve)); });
  return server.address().port;
}

async function start_srt_sender(t) {
  const port = await free_port('udp');
  start_ffmpeg(t, ['-re', '-stream_loop', '-1', '-i', await clip('copyable.mp4'), '-c', 'copy', '-f', 'mpegts', `srt://127.0.0.1:${port}?mode=listener&passphrase=the-right-one`]);
  await sleep(700);
  return port;
}

async function broken_files(t) {
  const folder = temporary_directory(t);
  const path = (name) => join(folder, name);
  mkdirSync(path('folder.mp4'));
  writeFileSync(path('empty.mp4'), '');
  writeFileSync(path('text.mp4'), 'Dear diary, today I recorded nothing.\n'.repeat(200));
  writeFileSync(path('short.mp4'), 'x');
  writeFileSync(path('list.m3u8'), '#EXTM3U\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n');
  const whole = await make(path('whole.mp4'), '-i', await clip('copyable.mp4'), '-c', 'copy');
  writeFileSync(path('cut.mp4'), whole.subarray(0, Math.floor(whole.length / 2)));
  const subtitles = path('only.mkv');
  writeFileSync(path('s.srt'), '1\n00:00:00,000 --> 00:00:02,000\nHello\n');
  await make(subtitles, '-i', path('s.srt'));
  // A codec that no decoder knows.
  const odd = await make(path('odd.mkv'), '-f', 'lavfi', '-i', 'testsrc=size=64x64:rate=5', '-t', '1', '-c:v', 'mpeg4');
  writeFileSync(path('odd.mkv'), Buffer.from(odd.toString('latin1').replace('V_MPEG4/ISO/ASP', 'V_MPEGX/ISO/ASP'), 'latin1'));
  return path;
}

// ffmpeg's own words, which do not help users alone.
const raw = /Input\/output error|Invalid argument|matches no streams|Server returned/;

test('sources that fail', { concurrency: 8 }, async (t) => {
  const web = await start_web(t);
  const web_port = new URL(web).port;
  const https_port = await start_https(t);
  const file = await broken_files(t);
  const srt_port = await start_srt_sender(t);
  const { port: silent } = await start_tcp_server(t, () => {});
  const { port: closing } = await start_tcp_server(t, (socket) => socket.on('data', () => socket.end()));
  const busy = createSocket('udp4');
  await new Promise((resolve) => busy.bind(0, '127.0.0.1', resolve));
  cleanup(t, () => busy.close());

  const rows = [
    ['an MP4 with its index at the end, no ranges', `${web}/end.mp4`, /index/],
    ['half of an MP4 over HTTP', `${web}/cut.mp4`, /index/],
    ['HLS without segments', `${web}/empty.m3u8`, /segments/],
    ['live HLS without segments', `${web}/empty-live.m3u8`, /segments/],
    ['HLS whose segments are gone', `${web}/gone.m3u8`, /segment/],
    ['HLS whose variant is gone', `${web}/gone-variant.m3u8`, /playlist names cannot be read/],
    ['HLS, SAMPLE-AES', `${web}/sample-aes.m3u8`, /encrypted/],
    ['HLS whose key is gone', `${web}/no-key.m3u8`, /key/],
    ['DASH whose segments are gone', `${web}/gone.mpd`, /segment/],
    ['a login page', `${web}/login.html`, /web page/],
    ['a short page', `${web}/short.html`, /web page/],
    ['JSON', `${web}/json`, /not a video/],
    ['an empty answer', `${web}/empty`, /not a video/],
    ['a broken picture', `${web}/p.bin`, /not a video/],
    ['HTTP 400', `${web}/status/400`, /does not understand the request/],
    ['HTTP 401', `${web}/status/401`, /user and password/],
    ['HTTP 403', `${web}/status/403`, /refuses access/],
    ['HTTP 404', `${web}/status/404`, /does not exist/],
    ['HTTP 405', `${web}/status/405`, /refuses the request/],
    ['HTTP 410', `${web}/status/410`, /has been removed/],
    ['HTTP 429', `${web}/status/429`, /too many requests/],
    ['HTTP 500', `${web}/status/500`, /5xx/],
    ['HTTP 503', `${web}/status/503`, /5xx/],
    ['redirects without end', `${web}/loop`, /redirect/],
    ['a redirect to itself', `${web}/self`, /redirects/],
    ['http:// to an HTTPS port', `http://127.0.0.1:${https_port}/x.mp4`, /https/],
    ['https:// to an HTTP port', `https://127.0.0.1:${web_port}/x.mp4`, /TLS/],
    ['rtsp:// to an HTTP port', `rtsp://127.0.0.1:${web_port}/x`, /RTSP/],
    ['rtsp:// to a port that closes', `rtsp://127.0.0.1:${closing}/x`, /RTSP/],
    ['http:// to a port that closes', `http://127.0.0.1:${closing}/x`, /hangs up/],
    ['rtmp:// to an HTTP port', `rtmp://127.0.0.1:${web_port}/live/x`, /RTMP/],
    ...[
      ['DESCRIBE', '401 Unauthorized', /user and password/],
      ['DESCRIBE', '403 Forbidden', /refuses access/],
      ['DESCRIBE', '404 Stream Not Found', /does not exist/],
      ['DESCRIBE', '406 Not Acceptable', /refuses what it is asked for/],
      ['DESCRIBE', '453 Not Enough Bandwidth', /no more viewers/],
      ['DESCRIBE', '500 Internal Server Error', /5xx/],
      ['DESCRIBE', '503 Service Unavailable', /5xx/],
      ['SETUP', '403 Forbidden', /refuses access/],
      ['SETUP', '453 Not Enough Bandwidth', /no more viewers/],
      ['SETUP', '454 Session Not Found', /lost the session/],
      ['SETUP', '459 Aggregate Operation Not Allowed', /refuses what it is asked for/],
      ['SETUP', '461 Unsupported Transport', /RTSP_TRANSPORT/],
      ['PLAY', '454 Session Not Found', /lost the session/],
      ['PLAY', '455 Method Not Valid In This State', /refuses what it is asked for/],
      ['PLAY', '503 Service Unavailable', /5xx/],
    ].map(([method, status, words]) => [`RTSP, ${method}: ${status}`, () => start_camera(t, method, status), words]),
    ['RTSP without sprop', () => start_camera(t, '', ''), /nothing came from the source for 5 s: .*sprop/],
    ['RTSP of an unknown codec', () => start_camera(t, '', '', 'a=rtpmap:96 ODDCODEC/90000'), /codec .*is not known/],
    ['RTSP, silent', `rtsp://127.0.0.1:${silent}/x`, /nothing came/],
    ['SRT, wrong passphrase', `srt://127.0.0.1:${srt_port}?passphrase=not-the-right-one`, /passphrase/],
    ['SRT, no passphrase', `srt://127.0.0.1:${srt_port}`, /passphrase/],
    ['SRT, forbidden streamid', () => start_srt_that_rejects(t, 1403), /streamid/],
    ['SRT, unknown streamid', () => start_srt_that_rejects(t, 1404), /streamid/],
    ['SRT, rejected by the peer', () => start_srt_that_rejects(t, 3), /streamid/],
    ['SRT, nothing there', async () => `srt://127.0.0.1:${await free_port('udp')}`, /nothing came/],
    ['unknown host, http', 'http://no-such-host.invalid/x.mp4', /host name is not known/],
    ['unknown host, rtsp', 'rtsp://no-such-host.invalid/x', /host name is not known/],
    ['unknown host, srt', 'srt://no-such-host.invalid:9000', /host name is not known/],
    ['unknown host, udp', 'udp://no-such-host.invalid:9000', /host name is not known/],
    ['refused, http', async () => `http://127.0.0.1:${await free_port()}/x`, /nothing listens/],
    ['refused, rtmp', async () => `rtmp://127.0.0.1:${await free_port()}/live/x`, /nothing listens/],
    ['refused, tcp', async () => `tcp://127.0.0.1:${await free_port()}`, /nothing listens/],
    ['no path, rtmp', `rtmp://127.0.0.1:${web_port}`, /RTMP/],
    ['UDP port in use', `udp://127.0.0.1:${busy.address().port}`, /another program/],
    ['a folder', file('folder.mp4'), /folder/],
    ['an empty file', file('empty.mp4'), /is not a video/],
    ['a text', file('text.mp4'), /is not a video/],
    ['a file of one byte', file('short.mp4'), /is not a video/],
    ['a missing file', file('none.mp4'), /does not exist/],
    ['half of an MP4', file('cut.mp4'), /index/],
    ['a playlist as a file', file('list.m3u8'), /playlist/],
    ['subtitles alone', file('only.mkv'), /neither picture nor sound/],
    ['an unknown codec', file('odd.mkv'), /codec .*is not known/],
    ['no camera', '/dev/video99', /no such camera/],
    ['not a camera', '/dev/video/../null', /camera/],
  ].filter(([name]) => !process.env.WORDS_ONLY || name.match(process.env.WORDS_ONLY));

  await Promise.all(rows.map(([name, source, words, env]) => t.test(name, async (t) => {
    const url = typeof source === 'string' ? source : await source();
    const server = await start_server(t, { env: { VIDEO_FILE: url, ...small, ...env }, ready: false });
    const told = await until('words', async () => (await server.stats()).source.last_error, { seconds: 20 });
    assert.match(told, words, server.stderr);
    assert.doesNotMatch(told, raw);
    assert.ok(!told.includes('\n'));
    await until('the same line in the log', () => server.stderr.includes(told.slice(0, 40)), { seconds: 20 });
  })));
});

test('addresses with a mistake in their form', { concurrency: 4 }, async (t) => {
  const rows = [
    ['rstp://camera/x', /rstp:\/\/ is not served; allowed: .*rtsp:\/\//],
    ['ftp://host/x.mp4', /ftp:\/\/ is not served/],
    ['http:/host/x.mp4', /write http:\/\/ with two slashes/],
    ['rtsp:host/x', /write rtsp:\/\/ with two slashes/],
    ['rtsp://', /address after rtsp:\/\/ is missing/],
    ['rtsp:///camera', /host after rtsp:\/\/ is missing/],
    ['http://:8080/x', /host after http:\/\/ is missing/],
    ['udp://127.0.0.1', /port is missing/],
    ['srt://127.0.0.1?mode=listener', /port is missing/],
    ['tcp://[::1]', /port is missing/],
  ];
  await Promise.all(rows.map(([source, words]) => t.test(source, async (t) => {
    const { code, stderr } = await run_server(t, { env: { VIDEO_FILE: source } });
    assert.equal(code, 2, stderr);
    assert.match(stderr.trim().split('\n').at(-1), words);
  })));
});
