// Unit tests of the modules that feed the browser: the media buffer and the leg, with stand-ins.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';
import { Leg } from '../../web/player/leg.js';
import { MediaBuffer } from '../../web/player/media-buffer.js';
import { attachMedia, canFeedFromWorker, findMediaSource } from '../../web/player/media-source.js';
import { readHello } from '../../web/player/transport-ws.js';
import { judge } from '../../web/player/verdict.js';
import { FakeMediaSource, audio_track, bytes, emsg, ftyp, mdat, moof, moov, video_track } from './stand-ins.mjs';

function make_buffer() {
  const heard = { fatal: [], quota: 0, streaming: [] };
  const source = new FakeMediaSource();
  const buffer = new MediaBuffer(source, () => true, {
    onFatal: (detail) => heard.fatal.push(detail), onQuota: () => heard.quota++, onStreaming: (on) => heard.streaming.push(on),
  });
  return { buffer, source, heard, sb: () => source.sourceBuffers[0] };
}
const quota = () => new DOMException('full', 'QuotaExceededError');

test('MediaBuffer: waits for the source to open, then appends in order, one at a time', () => {
  const { buffer, source, sb } = make_buffer();
  buffer.setType('video/mp4');
  buffer.append(bytes(1));
  buffer.append(bytes(2));
  assert.equal(source.sourceBuffers.length, 0);
  source.open();
  assert.deepEqual(sb().appended, [bytes(1, 2)]);
  assert.equal(sb().mode, 'segments');
  buffer.append(bytes(3));
  assert.equal(sb().appended.length, 1);
  sb().done();
  assert.deepEqual(sb().appended[1], bytes(3));
});

test('MediaBuffer: a change of type comes between the bytes before and after it', () => {
  const { buffer, source, sb } = make_buffer();
  buffer.setType('a');
  source.open();
  buffer.append(bytes(1));
  buffer.setType('b');
  buffer.append(bytes(2));
  assert.deepEqual(sb().types, ['a']);
  sb().done();
  assert.deepEqual(sb().types, ['a', 'b']);
  assert.deepEqual(sb().appended, [bytes(1), bytes(2)]);
});

test('MediaBuffer: drops what was played long ago', () => {
  const { buffer, source, sb } = make_buffer();
  buffer.setType('a');
  source.open();
  sb().ranges = [[0, 100]];
  buffer.setPosition(12);
  assert.deepEqual(sb().removed, []);
  buffer.setPosition(40);
  assert.deepEqual(sb().removed, [[0, 30]]);
});

test('MediaBuffer: when full it gives up the past and appends again', () => {
  const { buffer, source, sb, heard } = make_buffer();
  buffer.setType('a');
  source.open();
  sb().ranges = [[0, 10]];
  buffer.setPosition(9);
  sb().throwNext = quota();
  buffer.append(bytes(1));
  assert.deepEqual(sb().removed, [[0, 8]]);
  sb().done();
  assert.deepEqual(sb().appended, [bytes(1)]);
  assert.equal(heard.quota, 1);
  assert.deepEqual(heard.fatal, []);
});

test('MediaBuffer: with no past to give it starts over', () => {
  const { buffer, source, sb } = make_buffer();
  buffer.setType('a');
  source.open();
  sb().ranges = [[0, 10]];
  sb().throwNext = quota();
  buffer.append(bytes(1));
  assert.deepEqual(sb().removed, [[0, Infinity]]);
  assert.equal(sb().aborted, 1);
});

test('MediaBuffer: a rejected append ends it, once', () => {
  const { buffer, source, sb, heard } = make_buffer();
  buffer.setType('a');
  source.open();
  sb().dispatchEvent(new Event('error'));
  sb().dispatchEvent(new Event('error'));
  buffer.append(bytes(1));
  assert.deepEqual(heard.fatal, ['append-failed']);
  assert.deepEqual(sb().appended, []);
});

test('MediaBuffer: a type the browser does not know is fatal', () => {
  const heard = [];
  const buffer = new MediaBuffer(new FakeMediaSource(), () => false, { onFatal: (detail) => heard.push(detail), onQuota() {}, onStreaming() {} });
  buffer.setType('video/strange');
  assert.deepEqual(heard, ['codec-unsupported']);
});

// A leg in a fake world: its requests, its events, and a clock that the test moves.
function make_leg(options = {}) {
  FakeMediaSource.made = [];
  const world = { now: 0, opened: [], events: [], answers: true };
  let sinks = 0;
  const leg = new Leg({ leg: 1, streamUrl: 'http://host/cam/stream', timeUrl: 'http://host/cam/time', audio: true, transport: 'fetch', mayChange: false, ...options }, {
    emit: (event) => world.events.push(event), now: () => world.now, random: () => 0,
    open: (name, url, events) => {
      const transport = { name, url, events, closed: false, close() { this.closed = true; } };
      world.opened.push(transport);
      return transport;
    },
    ask: async () => (world.answers ? {} : null),
    media: { make: FakeMediaSource, managed: options.managed ?? false, supports: () => true },
    nextSink: () => ++sinks,
  });
  world.pass = (ms, step = 50) => { for (const end = world.now + ms; world.now < end;) { world.now += step; leg.tick(); } };
  world.last = () => world.opened[world.opened.length - 1];
  world.source = () => FakeMediaSource.made[FakeMediaSource.made.length - 1];
  world.of = (type) => world.events.filter((event) => event.type === type);
  return { leg, world };
}
const init = bytes(ftyp, moov(video_track(), audio_track()));
const fragment = (sequence, seconds) => bytes(moof(sequence, 1, Math.round(seconds * 90000)), mdat);
const open = (world, epoch = 'e1') => { world.last().events.onOpen({ epoch, viewer: 4 }); world.source().open(); };

test('Leg: plays what comes and resumes after the last fragment', () => {
  const { world } = make_leg();
  assert.equal(world.last().url, 'http://host/cam/stream');
  open(world);
  world.last().events.onData(bytes(init, fragment(7, 1), fragment(8, 1.033)));
  assert.deepEqual(world.of('tracks')[0].tracks.map((track) => track.codec), ['avc1.42C01F', 'mp4a.40.2']);
  world.last().events.onEnd({ reason: 'broken', retryAfterMs: 0, message: '' });
  world.pass(100);
  assert.equal(world.last().url, 'http://host/cam/stream?after=e1.8');
  open(world);
  const before = world.source().sourceBuffers[0];
  before.done();
  world.last().events.onData(bytes(init, fragment(9, 1.066)));
  before.done();
  assert.equal(world.of('media').length, 1, 'the same MediaSource');
  assert.deepEqual(before.appended[before.appended.length - 1], fragment(9, 1.066), 'and no second init segment');
});

test('Leg: without sound it asks for none', () => {
  assert.equal(make_leg({ audio: false }).world.last().url, 'http://host/cam/stream?audio=0');
});

test('Leg: another epoch, and times that go back, begin a new MediaSource', () => {
  const { world } = make_leg();
  open(world);
  world.last().events.onData(bytes(init, fragment(1, 100)));
  world.last().events.onEnd({ reason: 'ended', retryAfterMs: 0, message: '' });
  world.pass(100);
  world.last().events.onOpen({ epoch: 'e2', viewer: null });
  assert.equal(world.of('media').length, 2);
  world.last().events.onData(bytes(init, fragment(1, 50), fragment(2, 3)));
  assert.equal(world.of('media').length, 3);
});

test('Leg: other tracks begin a new MediaSource, another codec of the same tracks does not', () => {
  const { world } = make_leg();
  open(world);
  world.last().events.onData(bytes(init, fragment(1, 1)));
  const other = bytes(ftyp, moov(video_track({ config: bytes(1, 0x4d, 0x40, 0x28, 0, 0, 0, 0) }), audio_track()));
  world.last().events.onData(bytes(other, fragment(2, 2)));
  assert.equal(world.of('media').length, 1);
  world.last().events.onData(bytes(ftyp, moov(video_track()), fragment(3, 3)));
  assert.equal(world.of('media').length, 2);
});

test('Leg: garbage is an error and a new connection, not a crash', () => {
  const { world } = make_leg();
  open(world);
  world.last().events.onData(bytes(init, 'garbage that is not a box'));
  assert.deepEqual(world.of('trouble').map((event) => event.error.detail), ['malformed', 'broken']);
  world.pass(500);
  assert.equal(world.opened.length, 2);
});

test('Leg: messages of the source keep a silent connection alive; true silence reopens it', () => {
  const { world } = make_leg();
  open(world);
  world.last().events.onData(bytes(init, fragment(1, 1)));
  for (let i = 0; i < 8; i++) {
    world.pass(1000);
    world.last().events.onData(emsg('{"state":"waiting","error":"gone"}'));
  }
  assert.equal(world.opened.length, 1);
  assert.equal(world.of('source').length, 8);
  world.pass(4000);
  assert.equal(world.opened.length, 2);
  assert.equal(world.opened[0].closed, true);
});

test('Leg: a hanging attempt is renewed as soon as the server answers again', async () => {
  const { world } = make_leg();
  world.answers = false;
  world.pass(800);
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(world.of('connection').pop().reason, 'unreachable');
  assert.equal(world.opened.length, 1);
  world.answers = true;
  world.pass(50);
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(world.opened.length, 2);
});

test('Leg: a server that answers but holds the stream is waited for', async () => {
  const { world } = make_leg();
  for (let i = 0; i < 100; i++) {
    world.pass(100);
    await Promise.resolve();
  }
  assert.equal(world.opened.length, 1);
});

test('Leg: it changes the transport where it stopped, when it is told to', () => {
  const { leg, world } = make_leg({ mayChange: true });
  open(world);
  world.last().events.onData(bytes(init, fragment(5, 1)));
  leg.setTransport('fetch', true);
  assert.equal(world.opened.length, 1);
  leg.setTransport('ws', true);
  assert.deepEqual([world.opened[0].closed, world.last().name, world.last().url], [true, 'ws', 'http://host/cam/stream?after=e1.5']);
  leg.suspend();
  leg.setTransport('fetch', false);
  assert.equal(world.opened.length, 2);
  leg.resume();
  assert.equal(world.last().name, 'fetch');
});

test('Leg: while all requests hang it tries a WebSocket, where it may; never the other way', async () => {
  for (const [transport, mayChange, used] of [['fetch', true, ['fetch', 'ws']], ['fetch', false, ['fetch']], ['ws', true, ['ws']]]) {
    const { world } = make_leg({ transport, mayChange });
    world.answers = false;
    for (let i = 0; i < 60; i++) {
      world.pass(100);
      await Promise.resolve();
      await Promise.resolve();
    }
    assert.deepEqual(world.opened.map(({ name }) => name), used);
  }
});

test('Leg: a WebSocket that stays silent while the server answers does not get through', async () => {
  const { world } = make_leg({ transport: 'ws', mayChange: true });
  for (let i = 0; i < 140; i++) {
    world.pass(100);
    await Promise.resolve();
    await Promise.resolve();
  }
  assert.equal(world.of('connection').pop().reason, 'upgrade');
});

test('Leg: play() does not wait for the next try', () => {
  const { leg, world } = make_leg();
  world.last().events.onEnd({ reason: 'login', message: '', status: 401 });
  assert.equal(world.of('connection').pop().status, 401);
  world.pass(5000);
  assert.equal(world.opened.length, 1);
  leg.resume();
  world.pass(50);
  assert.equal(world.opened.length, 2);
});

test('Leg: suspended it is silent; resumed it begins at the live edge', () => {
  const { leg, world } = make_leg();
  open(world);
  world.last().events.onData(bytes(init, fragment(1, 1)));
  leg.suspend();
  assert.equal(world.last().closed, true);
  world.pass(30_000);
  assert.equal(world.opened.length, 1);
  leg.resume();
  assert.equal(world.last().url, 'http://host/cam/stream');
});

test('Leg: a managed source that wants no data stops the download, and goes on where it stopped', () => {
  const { world } = make_leg({ managed: true });
  assert.equal(world.of('media')[0].managed, true);
  open(world);
  world.last().events.onData(bytes(init, fragment(3, 1)));
  world.source().dispatchEvent(new Event('endstreaming'));
  assert.equal(world.last().closed, true);
  world.source().dispatchEvent(new Event('startstreaming'));
  assert.equal(world.last().url, 'http://host/cam/stream?after=e1.3');
});

test('findMediaSource: the plain one where there is one, the managed one on an iPhone, else nothing', () => {
  class Managed extends FakeMediaSource {}
  assert.deepEqual([findMediaSource({ MediaSource: FakeMediaSource, ManagedMediaSource: Managed }).managed, findMediaSource({ ManagedMediaSource: Managed }).managed, findMediaSource({})],
    [false, true, null]);
  assert.ok(new (findMediaSource({ ManagedMediaSource: Managed }).make)() instanceof Managed);
});

test('canFeedFromWorker: only with handles, and where the browser says so', () => {
  const Worker = class {};
  assert.equal(canFeedFromWorker({ MediaSource: { canConstructInDedicatedWorker: true }, Worker, MediaSourceHandle: class {} }), true);
  assert.equal(canFeedFromWorker({ MediaSource: { canConstructInDedicatedWorker: true }, Worker }), false);
  assert.equal(canFeedFromWorker({ MediaSource: {}, Worker, MediaSourceHandle: class {} }), false);
  assert.equal(canFeedFromWorker({}), false);
});

test('attachMedia: a managed source forbids remote playback before it is attached', () => {
  const log = [];
  const video = { set disableRemotePlayback(value) { log.push(`remote ${value}`); }, set src(value) { log.push(value.slice(0, 5)); }, removeAttribute() { log.push('removed'); }, load() {} };
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = () => 'blob:1';
  URL.revokeObjectURL = () => log.push('revoked');
  try {
    attachMedia(video, new FakeMediaSource(), true)();
  } finally {
    Object.assign(URL, { createObjectURL, revokeObjectURL });
  }
  assert.deepEqual(log, ['remote true', 'blob:', 'revoked', 'removed']);
});

test('readHello: takes what it can read', () => {
  assert.deepEqual(readHello('{"type":"hello","epoch":"ab","viewer":3}'), { epoch: 'ab', viewer: 3 });
  for (const bad of ['', 'null', '{"epoch":1}', '[']) assert.deepEqual(readHello(bad), { epoch: '', viewer: null });
});

test('judge: good, fair and bad in plain words', () => {
  const report = { stalls: 0, reconnects: 0, droppedFrames: 0, decodedFrames: 300, latencyP50Ms: 60, latencyP95Ms: 90 };
  assert.equal(judge(true, 'Live', report).grade, 'good');
  assert.equal(judge(true, 'Live', { ...report, stalls: 1 }).grade, 'fair');
  assert.equal(judge(true, 'Live', { ...report, latencyP95Ms: 9000 }).grade, 'bad');
  assert.match(judge(false, 'Server full', report).words, /Server full/);
});

test('the pages load nothing from elsewhere and have no inline script or style', () => {
  const web = new URL('../../web/', import.meta.url);
  for (const name of readdirSync(web).filter((each) => each.endsWith('.html'))) {
    const html = readFileSync(new URL(name, web), 'utf8');
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:|\/)/, name);
    assert.doesNotMatch(html, /<style|style="|<script(?![^>]*src=)| on\w+="/, name);
  }
});

test('early.js finds on each page what it looks for', () => {
  const web = new URL('../../web/', import.meta.url);
  for (const name of readdirSync(web).filter((each) => each.endsWith('.html'))) {
    const html = readFileSync(new URL(name, web), 'utf8');
    const [first] = html.match(/<(script|link rel="(stylesheet|modulepreload))[^>]*>/);
    assert.equal(first, '<script src="early.js">', `${name}: it comes before what it watches`);
    assert.match(html, /<p class="loading"[^>]* role="status">[^<]+<\/p>/, `${name}: words until there is a player`);
    assert.match(html, /<noscript>.*<\/noscript>\s*<\/body>/, `${name}: ends with the <noscript>`);
  }
  for (const name of readdirSync(web).filter((each) => each.endsWith('.css'))) {
    assert.match(readFileSync(new URL(name, web), 'utf8'), /:root { --page-css: whole; }\s*$/, `the last rule of ${name}`);
  }
});
