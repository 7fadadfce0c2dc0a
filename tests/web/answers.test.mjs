// Every answer that is not the stream: which refusal it is, what is said of it, and when it is tried again.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import { isText, kRefusals, refusalFor, retryAfterMs, rowOf } from '../../web/player/answers.js';
import { LineWatch } from '../../web/player/line-watch.js';
import { Reconnect } from '../../web/player/reconnect.js';
import { describe } from '../../web/player/states.js';
import { openFetch } from '../../web/player/transport-fetch.js';
import { judge } from '../../web/player/verdict.js';

const ours = { ours: true, contentType: 'text/plain; charset=utf-8' };
const page = { contentType: 'text/html', line: '<!doctype html>' };
const answer = (status, parts = {}) => ({ status, ours: false, line: '', contentType: 'text/plain', redirected: false, ...parts });

test('refusalFor: status, ours or of a proxy, and text decide', () => {
  const cases = [
    ['full', answer(503, { ...ours, line: 'server full: all 100 places are taken (MAX_CLIENTS)' })],
    ['full', answer(503, { ...ours, line: 'server full for this address: it holds 8 places' })],
    ['stopping', answer(503, { ...ours, line: 'the server is stopping' })],
    ['notready', answer(503, { ...ours, line: 'the camera does not answer' })],
    ['notready', answer(503, { ...ours, line: '' })],
    ['busy', answer(429, ours)],
    ['origin', answer(403, ours)],
    ['missing', answer(404, { ...ours, line: 'not found: try /' })],
    ['soundonly', answer(404, { ...ours, line: 'this stream has sound but no picture: ask for it without audio=0' })],
    ['refused', answer(400, ours)],
    ['refused', answer(405, ours)],
    ['fault', answer(500, ours)],
    ['gateway', answer(503, page)],
    ['gateway', answer(503, { line: 'server full: says a proxy' })],
    ['gateway', answer(502)], ['gateway', answer(504, page)], ['gateway', answer(522, page)],
    ['fault', answer(500, page)], ['fault', answer(508)], ['fault', answer(408)], ['fault', answer(425)],
    ['limited', answer(429, page)],
    ['login', answer(401, page)], ['login', answer(407)], ['login', answer(511, page)],
    ['login', answer(200, { ...page, redirected: true })],
    ['webpage', answer(200, page)], ['webpage', answer(203, { contentType: 'application/json' })],
    ['forbidden', answer(403, page)], ['forbidden', answer(451)],
    ['unrouted', answer(404, page)], ['unrouted', answer(410)], ['unrouted', answer(421)],
    ['refused', answer(400)], ['refused', answer(402)], ['refused', answer(418, page)], ['refused', answer(204, { contentType: '' })],
  ];
  for (const [refusal, each] of cases) assert.equal(refusalFor(each), refusal, JSON.stringify(each));
});

test('every refusal has its own words, a cause, and a next try', () => {
  const words = new Set(Object.values(kRefusals).map((row) => row.words + row.explanation));
  assert.equal(words.size, Object.keys(kRefusals).length);
  for (const [reason, row] of Object.entries(kRefusals)) {
    assert.ok(row.words && row.explanation.endsWith('.'), reason);
    assert.ok(row.againMs >= 0 && row.againMs <= 15_000, reason);
  }
  assert.equal(rowOf('toString'), null);
  assert.equal(rowOf('broken'), null);
});

const situation = {
  failure: '', started: true, blocked: false, paused: false, resting: false, phase: 'waiting', reason: null, failures: 1, retryInMs: 0,
  source: 'running', idleMs: 20, shown: true, catchingUp: false, tooSlow: false, status: 0,
};

test('describe: a refusal is told with its status, also while it is tried again', () => {
  for (const phase of ['waiting', 'connecting']) {
    assert.deepEqual(describe({ ...situation, phase, reason: 'gateway', status: 502 }), {
      state: 'unreachable', words: 'Server unreachable (502)', explanation: kRefusals.gateway.explanation,
    });
  }
  assert.equal(describe({ ...situation, reason: 'refused' }).words, 'Server refused the stream');
  assert.equal(describe({ ...situation, reason: 'login', status: 401 }).state, 'refused');
  assert.equal(describe({ ...situation, phase: 'open', reason: 'login' }).state, 'live');
  assert.equal(describe({ ...situation, paused: true, reason: 'login' }).explanation, '');
});

test('Reconnect: each refusal has its wait, and a Retry-After that it keeps', () => {
  const wait = (reason, retryAfter = 0, random = 0.5) => {
    const reconnect = new Reconnect(() => random);
    reconnect.ended(0, reason, retryAfter);
    return Math.round(reconnect.retryAtMs);
  };
  assert.ok(wait('gateway') <= 250);
  assert.equal(wait('gateway', 120_000), 2000);
  assert.equal(wait('login'), 15_000);
  assert.equal(wait('busy', 30_000), 30_000);
  assert.equal(wait('limited', 3_600_000), 60_000);
  assert.equal(wait('limited'), 5000);
  assert.ok(wait('origin', 0, 0) < wait('origin', 0, 0.99), 'players refused together do not return together');
});

test('Reconnect: a hidden page does not try more often than a visible one, and a shown page tries at once', () => {
  const reconnect = new Reconnect(() => 0.5);
  reconnect.setVisible(false, 0);
  reconnect.ended(0, 'limited', 60_000);
  assert.equal(reconnect.retryAtMs, 60_000);
  reconnect.setVisible(true, 1000);
  assert.equal(reconnect.tick(1300), 'connect');
});

test('retryAfterMs: seconds, a date, and nothing of garbage', () => {
  const now = Date.parse('2024-01-01T00:00:00Z');
  assert.equal(retryAfterMs('5', now), 5000);
  assert.equal(retryAfterMs('Mon, 01 Jan 2024 00:00:30 GMT', now), 30_000);
  for (const bad of [null, '', 'soon', '-1', 'Mon, 01 Jan 2023 00:00:30 GMT']) assert.equal(retryAfterMs(bad, now), 0, bad);
});

test('isText: what cannot be media', () => {
  for (const type of ['text/html; charset=utf-8', 'Text/Plain', 'application/json', 'application/xhtml+xml']) assert.equal(isText(type), true, type);
  for (const type of ['', 'video/mp4; codecs="avc1.42C01F"', 'application/octet-stream', 'binary/octet-stream', 'application/mp4']) assert.equal(isText(type), false, type);
});

// The end of an attempt at a server that answers like this.
async function end_of(t, handler) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  const { port } = server.address();
  return new Promise((resolve) => openFetch(`http://127.0.0.1:${port}/stream`, { onOpen: () => resolve('opened'), onData() {}, onEnd: resolve }));
}

test('openFetch: reads cause, wait and message from the answer', async (t) => {
  const full = await end_of(t, (_, response) => response.writeHead(503, { 'Answered-By': 'livestream-server', 'Retry-After': '5', 'Content-Type': 'text/plain' }).end('server full: all 1 places\n'));
  assert.deepEqual(full, { reason: 'full', retryAfterMs: 5000, message: 'server full: all 1 places', status: 503 });
  const login = await end_of(t, (request, response) => {
    if (request.url === '/stream') response.writeHead(302, { Location: '/login' }).end();
    else response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Please log in</html>');
  });
  assert.equal(login.reason, 'login');
  assert.equal(login.message, 'HTTP 200', 'not the text of a web page');
  const html = await end_of(t, (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'));
  assert.equal(html.reason, 'webpage');
  assert.equal((await end_of(t, (_, response) => response.writeHead(418).end())).reason, 'refused');
  assert.equal(await end_of(t, (_, response) => response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).write('x')), 'opened');
});

test('openFetch: a connection that is cut is not a refusal', async (t) => {
  assert.equal((await end_of(t, (request) => request.socket.destroy())).reason, 'unreachable');
});

// Feeds `seconds` of 25 pictures a second over a line; `late(t)` is the delay of the fragment of second t, null when left out.
function watch(late, seconds = 40, fps = 25) {
  const line = new LineWatch();
  let noticed = null;
  for (let i = 0; i < seconds * fps; i++) {
    const t = i / fps;
    const delay = late(t);
    if (delay === null) continue;
    line.arrived((t + delay) * 1000, t * 1000);
    if (noticed === null && line.tooSlow((t + delay) * 1000)) noticed = t + delay;
  }
  return noticed;
}

test('LineWatch: half the bandwidth is noticed within twenty seconds', () => {
  // Falls behind by half a second a second; at three seconds the server goes on at the newest keyframe.
  assert.ok(watch((t) => (t % 6 < 3 ? (t % 6) : null)) < 20);
});

test('LineWatch: a buffer on the way that hides the slow line is noticed', () => {
  assert.ok(watch((t) => t * 0.5) < 25);
  assert.ok(watch((t) => 0.2 + t * 0.2) < 40, 'a fifth too little');
});

test('LineWatch: nothing else is a slow line', () => {
  const cases = {
    'a good line': () => 0.05,
    'jitter': (t) => 0.05 + 0.3 * Math.abs(Math.sin(t * 7)),
    'the burst of a join': (t) => (t < 2 ? 2 - t : 0.05),
    'an outage of six seconds that ends in a burst': (t) => (t > 10 && t < 16 ? 16 - t : 0.05),
    'an outage of six seconds, of which three are left out': (t) => (t > 10 && t < 13 ? null : t >= 13 && t < 16 ? 16 - t : 0.05),
    'a source that pauses again and again': (t) => (t % 5 < 2 ? null : 0.05),
    'a slow clock of the source': (t) => 0.05 + t * 0.01,
  };
  for (const [name, late] of Object.entries(cases)) assert.equal(watch(late), null, name);
  assert.equal(watch((t) => (t < 4 ? 4 - t : 0.05), 40, 0.5), null, 'one picture in two seconds');
});

test('LineWatch: forgets a line that is better now, and what was before a new response', () => {
  const line = new LineWatch();
  for (const [now, time] of [[0, 0], [40, 40], [3000, 80], [3100, 3000], [6000, 3040], [6100, 6000]]) line.arrived(now, time);
  assert.equal(line.tooSlow(6100), true);
  assert.equal(line.tooSlow(47_000), false);
  line.arrived(50_000, 50_000);
  line.restart();
  for (let i = 0; i < 100; i++) line.arrived(80_000 + i * 40, 90_000 + i * 40);
  assert.equal(line.tooSlow(84_000), false);
});

test('judge: names a slow line', () => {
  const report = { stalls: 0, reconnects: 0, tooSlow: true, droppedFrames: 0, decodedFrames: 300, latencyP50Ms: 60, latencyP95Ms: 90 };
  const { grade, words } = judge(true, 'Connection too slow', report);
  assert.equal(grade, 'fair');
  assert.match(words, /line to this device is too slow/);
});
