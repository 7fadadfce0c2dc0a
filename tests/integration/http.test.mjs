// The HTTP API of / /stream /stats /time and the assets: every documented status and header, and odd requests.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import test from 'node:test';
import { get, open_socket, open_stream, request, split_responses } from '../lib/http.mjs';
import { clip } from '../lib/media.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

test('HTTP', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: await clip('clip.mp4'), VIDEO_RESOLUTION: '320x180', MAX_CLIENTS: '3' } });

  await t.test('/ is the page, with an ETag that answers 304', async () => {
    const page = await get(server, '/');
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'], /^text\/html; charset=utf-8$/i);
    assert.match(page.text(), /<script type="module" src="[^"]+\.js">/);
    assert.ok(page.headers.etag);
    const again = await get(server, '/', { headers: { 'If-None-Match': page.headers.etag } });
    assert.equal(again.status, 304);
    assert.equal(again.body.length, 0);
    assert.equal(again.headers.etag, page.headers.etag);
    const weak = await get(server, '/', { headers: { 'If-None-Match': `"x", W/${page.headers.etag.replace(/^W\//, '')}` } });
    assert.equal(weak.status, 304);
    assert.equal((await get(server, '/', { headers: { 'If-None-Match': '"other"' } })).status, 200);
  });

  await t.test('the page and its modules name nothing on another host and no absolute path', async () => {
    const seen = new Set();
    const queue = ['/'];
    while (queue.length) {
      const path = queue.shift();
      if (seen.has(path)) continue;
      seen.add(path);
      const asset = await get(server, path);
      assert.equal(asset.status, 200, path);
      if (path !== '/') assert.match(asset.headers['content-type'], /^(text\/(javascript|css|html)|image\/)/, path);
      const text = asset.text();
      for (const match of text.matchAll(/(?:src|href)="([^"]+)"|from\s+['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)/g)) {
        const target = match[1] ?? match[2] ?? match[3];
        assert.doesNotMatch(target, /^(?:[a-z]+:)?\/\//, `${path} loads ${target}`);
        assert.doesNotMatch(target, /^\//, `${path} names ${target} from the root, so a proxy's sub-path breaks it`);
        if (/\.(js|css|svg|png|ico)$/.test(target)) queue.push(new URL(target, `http://x${path}`).pathname);
      }
    }
    assert.ok([...seen].some((path) => path.endsWith('.js')), [...seen].join(' '));
  });

  await t.test('/stream has the headers that the page and proxies need', async (t) => {
    const viewer = open_stream(t, server);
    await viewer.media(0.5);
    assert.equal(viewer.status, 200);
    const { video, audio } = viewer.checker;
    assert.equal(viewer.headers['content-type'], `video/mp4; codecs="${video.codec},${audio.codec}"`);
    assert.match(video.codec, /^avc1\.42/);
    assert.equal(audio.codec, 'mp4a.40.2');
    assert.equal(viewer.headers['transfer-encoding'], 'chunked');
    assert.equal(viewer.headers['content-length'], undefined);
    assert.equal(viewer.headers['cache-control'], 'no-store, no-transform');
    assert.equal(viewer.headers['x-accel-buffering'], 'no');
    assert.equal(viewer.headers['access-control-allow-origin'], '*');
    assert.match(viewer.headers['stream-epoch'], /^[0-9a-f]+$/);
    assert.match(viewer.headers['access-control-expose-headers'], /stream-epoch/i);
  });

  await t.test('/stream?audio=0 is video alone, and says so', async (t) => {
    const viewer = open_stream(t, server, { path: '/stream?audio=0' });
    await viewer.media(1);
    assert.deepEqual(viewer.checker.init.tracks.map((track) => track.kind), ['video']);
    assert.equal(viewer.headers['content-type'], `video/mp4; codecs="${viewer.checker.video.codec}"`);
    assert.equal(viewer.checker.of('audio').length, 0);
    assert.deepEqual(viewer.checker.gaps(), []);
  });

  await t.test('?after=epoch.sequence goes on behind that fragment', async (t) => {
    const first = open_stream(t, server);
    await first.media(1);
    const epoch = first.headers['stream-epoch'];
    const last = first.checker.fragments.at(-1);
    await first.close();
    const resumed = open_stream(t, server, { path: `/stream?after=${epoch}.${last.sequence}`, independent_start: false });
    await resumed.until('fragments', (viewer) => viewer.checker.fragments.length > 3);
    assert.equal(resumed.checker.fragments[0].sequence, last.sequence + 2);
    const stranger = open_stream(t, server, { path: '/stream?after=0.5' });
    await stranger.media(0.5);
  });

  await t.test('HTTP/1.0 gets the stream without chunks, closed at its end', async (t) => {
    const raw = open_socket(t, server, 'GET /stream HTTP/1.0\r\n\r\n');
    await raw.until(/\r\n\r\n[\s\S]{5000}/);
    const [head, ...rest] = raw.text.split('\r\n\r\n');
    assert.match(head, /^HTTP\/1\.[01] 200 /);
    assert.doesNotMatch(head, /transfer-encoding/i);
    assert.match(head, /connection: close/i);
    assert.equal(rest.join('\r\n\r\n').slice(4, 8), 'ftyp');
  });

  await t.test('/stats keeps the original keys and tells of source and viewers', async (t) => {
    await until('the viewers before have left', async () => (await server.stats()).connections.clients === 0);
    const viewer = open_stream(t, server, { headers: { 'User-Agent': 'tester/1.0' } });
    await viewer.media(1);
    const had = { fragments: viewer.checker.fragments.length, bytes: viewer.checker.media_bytes };
    // The text is up to a quarter of a second old.
    const answer = await until('what it had is counted', async () => {
      const told = await get(server, '/stats');
      const { stream, viewers } = told.json();
      return stream.chunks_sent >= had.fragments && viewers.some((each) => each.user_agent === 'tester/1.0') && told;
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.equal(answer.headers['cache-control'], 'no-store');
    const stats = answer.json();
    assert.deepEqual(stats.broadcaster, { state: 'running', running: true });
    assert.ok(stats.stream.elapsed_seconds > 0);
    assert.ok(stats.stream.bytes_sent >= had.bytes);
    assert.equal(stats.connections.max_clients, 3);
    assert.equal(stats.connections.chunks_dropped, 0);
    assert.equal(stats.connections.init_segment_cached, true);
    assert.equal(stats.config.video_fps, 30);
    assert.equal(stats.config.video_crf, 23);
    assert.equal(stats.config.audio_bitrate, '128k');
    assert.equal(stats.source.kind, 'file');
    assert.equal(stats.source.restarts, 0);
    await until('it names the child', async () => (await server.stats()).source.ffmpeg_pid === server.ffmpeg()?.pid);
    const video = stats.stream.tracks.find((track) => track.kind === 'video');
    assert.deepEqual([video.width, video.height], [320, 180]);
    assert.equal(video.codec, viewer.checker.video.codec);
    const mine = stats.viewers.find((each) => each.user_agent === 'tester/1.0');
    assert.match(mine.remote_address, /^127\.0\.0\.1/);
    assert.ok(mine.bytes_sent >= had.bytes / 2);
    assert.ok(mine.lag_seconds < 1);
    assert.equal(mine.fragments_dropped, 0);
    const strangers = await until('the viewer in the summary', async () => {
      const told = (await get(server, '/stats', { headers: { 'X-Forwarded-For': '203.0.113.9' } })).json();
      return told.connections.clients === 1 && told;
    });
    assert.equal(strangers.viewers, null);
    assert.equal((await get(server, '/stats', { headers: { Origin: 'https://a.example' } })).json().viewers, null);
    await until('the viewer in the list', async () =>
      (await get(server, '/stats', { headers: { 'X-Forwarded-For': '192.168.1.7' } })).json().viewers.length === 1);
    await until('the measured rate', async () => {
      const { source } = await server.stats();
      return source.fps > 28 && source.fps < 32 && source.bitrate_bps > 50_000;
    });
  });

  await t.test('/time tells the time', async () => {
    const before = Date.now();
    const answer = await get(server, '/time');
    const { time_ms } = answer.json();
    assert.ok(time_ms > before - 5 && time_ms < Date.now() + 5, `${time_ms}`);
    assert.equal(answer.headers['cache-control'], 'no-store');
  });

  await t.test('HEAD is GET without the body', async () => {
    for (const path of ['/', '/stats', '/stream']) {
      const head = await request(server, path, { method: 'HEAD' });
      assert.equal(head.status, 200, path);
      assert.equal(head.body.length, 0);
      assert.ok(head.headers['content-type'], path);
    }
    const page = await get(server, '/');
    assert.equal((await request(server, '/', { method: 'HEAD' })).headers['content-length'], String(page.body.length));
    assert.equal((await request(server, '/nothing', { method: 'HEAD' })).status, 404);
    await until('HEAD /stream does not count as a viewer', async () => (await server.stats()).connections.clients === 0);
  });

  await t.test('OPTIONS says what is allowed, to other origins too', async () => {
    const answer = await request(server, '/stream', { method: 'OPTIONS', headers: { Origin: 'http://elsewhere', 'Access-Control-Request-Method': 'GET' } });
    assert.ok([200, 204].includes(answer.status));
    for (const method of ['GET', 'HEAD', 'OPTIONS']) assert.match(answer.headers.allow ?? answer.headers['access-control-allow-methods'], new RegExp(method));
    assert.equal(answer.headers['access-control-allow-origin'], '*');
    assert.match(answer.headers['access-control-allow-methods'], /GET/);
  });

  await t.test('an unknown path is 404, a method that is not allowed 405 with Allow', async () => {
    for (const path of ['/nothing', '/stream/', '/../etc/passwd', '/%2e%2e/etc/passwd', '//stream']) {
      assert.ok([404, 400].includes((await get(server, path)).status), path);
    }
    for (const [method, path] of [['POST', '/stream'], ['DELETE', '/'], ['PUT', '/stats']]) {
      const answer = await request(server, path, { method });
      assert.equal(answer.status, 405, `${method} ${path}`);
      assert.match(answer.headers.allow, /GET/);
      assert.match(answer.headers.allow, /HEAD/);
    }
  });

  const statuses = {
    'a line that is not a request': ['nonsense\r\n\r\n', /^HTTP\/1\.1 400 /],
    'a request without Host': ['GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    'two Hosts': ['GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', /^HTTP\/1\.1 400 /],
    'a header line without colon': ['GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n', /^HTTP\/1\.1 400 /],
    'a malformed address': ['GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n', /^HTTP\/1\.1 400 /],
    'a request to be smuggled': ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', /^HTTP\/1\.1 400 /],
    'an address of 9 KiB': [`GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`, /^HTTP\/1\.1 414 /],
    'an address of 40 KiB': [`GET /${'a'.repeat(40000)} HTTP/1.1\r\nHost: a\r\n\r\n`, /^HTTP\/1\.1 414 /],
    'headers of 40 KiB': [`GET / HTTP/1.1\r\nHost: a\r\n${`X: ${'b'.repeat(90)}\r\n`.repeat(430)}\r\n`, /^HTTP\/1\.1 431 /],
    'HTTP/2.0 in a request line': ['GET / HTTP/2.0\r\nHost: a\r\n\r\n', /^HTTP\/1\.1 (505|400) /],
  };
  for (const [what, [bytes, expected]] of Object.entries(statuses)) {
    await t.test(`${what}: ${expected.source.match(/\d{3}(\|\d{3})?/)[0]}, then the connection closes`, async (t) => {
      const answer = await open_socket(t, server, bytes).answer();
      assert.match(answer, expected);
      assert.match(answer, /connection: close/i);
    });
  }

  await t.test('headers that do not come: 408', async (t) => {
    const raw = open_socket(t, server, 'GET / HTTP/1.1\r\nHost: a\r\n');
    const started = Date.now();
    const drip = setInterval(() => raw.write('X: 1\r\n'), 1000);  // a byte now and then does not extend it
    const answer = await raw.answer(20).finally(() => clearInterval(drip));
    assert.match(answer, /^HTTP\/1\.1 408 /);
    assert.ok(Date.now() - started < 15000);
  });

  await t.test('a connection is kept alive', async (t) => {
    const raw = open_socket(t, server, 'GET /time HTTP/1.1\r\nHost: a\r\n\r\n');
    await raw.until(/time_ms[^\n]*\n/);
    raw.write('GET /time HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const responses = split_responses(await raw.answer());
    assert.deepEqual(responses.map((response) => response.status), [200, 200]);
    assert.match(responses[1].headers.connection, /close/i);
  });

  await t.test('pipelined requests are answered in order', async (t) => {
    const raw = open_socket(t, server, ['/time', '/nothing', '/stats'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join('')
      + 'GET /time HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const responses = split_responses(await raw.answer());
    assert.deepEqual(responses.map((response) => response.status), [200, 404, 200, 200]);
    assert.ok(JSON.parse(responses[0].body).time_ms <= JSON.parse(responses[3].body).time_ms);
    assert.ok(JSON.parse(responses[2].body).broadcaster);
  });

  await t.test('a request split into single bytes is one request', async (t) => {
    const raw = open_socket(t, server);
    for (const byte of 'GET /time HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n') {
      raw.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(split_responses(await raw.answer())[0].status, 200);
  });

  await t.test('HTTP/1.0 is answered and closed', async (t) => {
    assert.match(await open_socket(t, server, 'GET /time HTTP/1.0\r\n\r\n').answer(), /^HTTP\/1\.[01] 200 /);
  });

  await t.test('a viewer over MAX_CLIENTS gets 503 with Retry-After until one leaves', async (t) => {
    await until('the viewers before have left', async () => (await server.stats()).connections.clients === 0);
    const viewers = [0, 1, 2].map(() => open_stream(t, server));
    await Promise.all(viewers.map((viewer) => viewer.media(0.2)));
    const refused = await get(server, '/stream');
    assert.equal(refused.status, 503);
    assert.match(refused.headers['retry-after'], /^[1-9]\d*$/);
    assert.equal((await get(server, '/')).status, 200);
    await until('/stats counts them', async () => (await server.stats()).connections.clients === 3);
    await viewers[0].close();
    await until('the place is free', async () => (await server.stats()).connections.clients === 2);
    await open_stream(t, server).media(0.2);
  });
});

test('one address cannot take all places, clients of a trusted proxy count one by one', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '160x90', MAX_CLIENTS: '8', FAIR_CLIENTS_PER_ADDRESS: '1' } });
  const from = (address) => ({ headers: { 'X-Forwarded-For': address } });
  const crowd = Array.from({ length: 6 }, () => open_stream(t, server, from('203.0.113.1')));
  await Promise.all(crowd.map((viewer) => viewer.media(0.2)));
  const refused = await get(server, '/stream', from('203.0.113.1'));
  assert.equal(refused.status, 503);
  assert.match(refused.text(), /^server full for this address.*FAIR_CLIENTS_PER_ADDRESS/);
  await open_stream(t, server, from('203.0.113.2')).media(0.2);
  await open_stream(t, server, from('203.0.113.3')).media(0.2);
  assert.match((await get(server, '/stream', from('203.0.113.4'))).text(), /MAX_CLIENTS/);
});

test('a stream that is not ready is held for ten seconds, then 503 with Retry-After', async (t) => {
  const server = await start_server(t, { env: { SLATE: '0', VIDEO_FILE: 'not-there.mp4' }, ready: false });
  const started = Date.now();
  const answer = await get(server, '/stream');
  assert.equal(answer.status, 503);
  assert.ok(Date.now() - started > 9000 && Date.now() - started < 12000, `${Date.now() - started} ms`);
  assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
  assert.equal((await get(server, '/')).status, 200);
});

test('IPv6 serves too', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '160x90' }, host: '::', ready: false });
  const viewer = open_stream(t, server, { host: '::1' });
  await viewer.media(0.5);
  const seen = await until('it is listed', async () => (await get(server, '/stats', { host: '::1' })).json().viewers[0]);
  assert.match(seen.remote_address, /::1/);
});

test('--web-root serves the player from a folder', async (t) => {
  const folder = temporary_directory(t);
  writeFileSync(`${folder}/index.html`, '<p>mine</p>');
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '160x90' }, args: ['--web-root', folder], ready: false });
  assert.match((await get(server, '/')).text(), /mine/);
  writeFileSync(`${folder}/index.html`, '<p>changed</p>');
  assert.match((await get(server, '/')).text(), /changed/);
});

test('clients that give up waiting for a source that never comes are let go', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: '/nonexistent.mp4', SLATE: '0', MAX_CONNECTIONS_PER_ADDRESS: '20' }, ready: false });
  const connections = async () => (await server.stats()).server.workers.reduce((sum, worker) => sum + worker.connections, 0);
  const waiting = Array.from({ length: 15 }, () => open_stream(t, server));
  await until('they wait', async () => (await connections()) >= 15);
  for (const viewer of waiting) await viewer.close();
  await until('their places are free', async () => (await connections()) <= 2, { seconds: 15 });
});
