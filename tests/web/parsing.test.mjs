// Unit tests of the parsers: boxes, init segments, fragments, messages.
import assert from 'node:assert/strict';
import test from 'node:test';
import { BoxError, BoxSplitter, boxesIn, fourCc } from '../../web/player/boxes.js';
import { parseFragment, parseProducerTime, parseSourceState } from '../../web/player/fragments.js';
import { mimeTypeOf, parseInitSegment, streamHasSound, trackSetKey } from '../../web/player/init-segment.js';
import { audio_track, be, box, bytes, emsg, ftyp, full, mdat, moof, moov, other_track, prft, trak, video_track, zeros } from './stand-ins.mjs';

const types = (boxes) => boxes.map((each) => fourCc(each, 4));
const stream = bytes(ftyp, moov(video_track(), audio_track()), moof(1, 1, 0), mdat, emsg('{"state":"waiting"}'));
const tracks = parseInitSegment(moov(video_track(), audio_track()));

test('BoxSplitter: every split of a stream in two gives the same boxes', () => {
  const whole = new BoxSplitter().push(stream).map((each) => Buffer.from(each).toString('hex'));
  assert.equal(whole.length, 5);
  for (let at = 0; at <= stream.length; at++) {
    const splitter = new BoxSplitter();
    const parts = [...splitter.push(stream.slice(0, at)), ...splitter.push(stream.slice(at))];
    assert.deepEqual(parts.map((each) => Buffer.from(each).toString('hex')), whole, `split at ${at}`);
  }
});

test('BoxSplitter: single bytes give the same boxes, and earlier boxes stay what they were', () => {
  const splitter = new BoxSplitter();
  const found = [];
  for (const byte of stream) found.push(...splitter.push(Uint8Array.of(byte)));
  assert.deepEqual(types(found), ['ftyp', 'moov', 'moof', 'mdat', 'emsg']);
  assert.deepEqual(Buffer.concat(found), Buffer.from(stream));
});

test('BoxSplitter: reads a 64-bit size', () => {
  const large = bytes(be(1, 4), 'mdat', be(20, 8), be(7, 4));
  assert.deepEqual(types(new BoxSplitter().push(bytes(large, ftyp))), ['mdat', 'ftyp']);
});

test('BoxSplitter: refuses bytes that are not a box', () => {
  for (const bad of [bytes(be(7, 4), 'mdat'), bytes(be(0, 4), 'mdat'), bytes(be(16, 4), 0, 1, 2, 3), bytes(be(1, 4), 'mdat', be(15, 8)),
    bytes(be(1, 4), 'mdat', be(2n ** 60n, 8)), bytes(be(0xffffffff, 4), 'mdat')]) {
    assert.throws(() => new BoxSplitter().push(bad), BoxError);
  }
});

test('boxesIn: refuses a child that reaches beyond its parent', () => {
  assert.throws(() => [...boxesIn(bytes(be(100, 4), 'free', zeros(8)))], BoxError);
});

test('parseInitSegment: tells tracks, codecs and sizes', () => {
  assert.deepEqual(tracks, [
    { id: 1, kind: 'video', codec: 'avc1.42C01F', timescale: 90000, width: 640, height: 360 },
    { id: 2, kind: 'audio', codec: 'mp4a.40.2', timescale: 44100, width: 0, height: 0 },
  ]);
  assert.equal(mimeTypeOf(tracks), 'video/mp4; codecs="avc1.42C01F,mp4a.40.2"');
  assert.equal(mimeTypeOf(tracks.slice(1)), 'audio/mp4; codecs="mp4a.40.2"');
  assert.notEqual(trackSetKey(tracks), trackSetKey(tracks.slice(0, 1)));
});

test('parseInitSegment: codec strings of the other codecs', () => {
  const hvcC = bytes(1, 0x01, be(0x60000000, 4), 0x90, 0, 0, 0, 0, 0, 93, zeros(10));
  const cases = [
    ['vide', ['hvc1', box('hvcC', hvcC)], 'hvc1.1.6.L93.90'],
    ['vide', ['av01', box('av1C', bytes(0x81, 0x08, 0x0c, 0))], 'av01.0.08M.08'],
    ['vide', ['vp09', full('vpcC', 1, 0, 0, 10, 0x82)], 'vp09.00.10.08'],
    ['soun', ['Opus', box('dOps')], 'opus'],
    ['soun', ['fLaC', box('dfLa')], 'flac'],
    ['soun', ['ac-3', box('dac3')], 'ac-3'],
  ];
  for (const [handler, entry, codec] of cases) assert.equal(parseInitSegment(moov(other_track(handler, entry)))[0].codec, codec);
});

test('streamHasSound: a track of sound, or the mark of an init segment that leaves it out', () => {
  const told = (init) => streamHasSound(init, parseInitSegment(init));
  assert.equal(told(moov(video_track(), audio_track())), true);
  assert.equal(told(moov(video_track())), false);
  assert.equal(told(moov(video_track(), box('udta', box('soun')))), true);
  assert.equal(told(moov(video_track(), box('udta', box('name', 1)))), false);
});

test('parseInitSegment: leaves out tracks that are neither seen nor heard', () => {
  assert.deepEqual(parseInitSegment(moov(trak(3, 'hint', 1, box('rtp ')))), []);
});

test('parsers: every truncation is refused or harmless, never another error', () => {
  const harmless = (parse, whole) => {
    for (let at = 0; at < whole.length; at++) {
      // Reduce the box's size to the cut as well, so that the parser reads truncated inner boxes.
      for (const cut of [whole.slice(0, at), bytes(be(at, 4), whole.slice(4, at))]) {
        try {
          parse(cut);
        } catch (error) {
          assert.ok(error instanceof BoxError || error instanceof RangeError, `${error} at ${at}`);
        }
      }
    }
  };
  harmless(parseInitSegment, moov(video_track(), audio_track()));
  harmless((b) => parseFragment(b, tracks), moof(1, 1, 5));
  harmless((b) => parseProducerTime(b, tracks), prft(1, 1000, 5));
  harmless(parseSourceState, emsg('{"state":"waiting"}'));
});

test('parseFragment: the time in seconds, of both versions of tfdt', () => {
  assert.deepEqual(parseFragment(moof(7, 1, 2n ** 40n, { samples: 2 }), tracks),
    { sequence: 7, trackId: 1, samples: 2, timeS: 2 ** 40 / 90000 });
  const plain = box('moof', full('mfhd', 0, 0, be(9, 4)), box('traf', full('tfhd', 0, 0, be(2, 4)), full('tfdt', 0, 0, be(44100, 4)), full('trun', 0, 0, be(3, 4))));
  assert.deepEqual(parseFragment(plain, tracks), { sequence: 9, trackId: 2, samples: 3, timeS: 1 });
});

test('parseFragment: a track that no init segment announced is an error', () => {
  assert.throws(() => parseFragment(moof(1, 3, 0), tracks), BoxError);
});

test('parseProducerTime: the wall clock of a media time', () => {
  const { unixMs, mediaTimeS } = parseProducerTime(prft(1, 1_700_000_000_250, 180000), tracks);
  assert.ok(Math.abs(unixMs - 1_700_000_000_250) < 0.01);
  assert.equal(mediaTimeS, 2);
  assert.equal(parseProducerTime(prft(9, 0, 0), tracks), null);
});

test('parseSourceState: our own messages, and no others', () => {
  assert.deepEqual(parseSourceState(emsg('{"state":"waiting","error":"no route","retry_in_ms":1500}')), { state: 'waiting', error: 'no route', retryInMs: 1500, pictureAgeMs: null });
  assert.deepEqual(parseSourceState(emsg('{"state":"starting","picture_age_ms":90000}')), { state: 'starting', error: '', retryInMs: 0, pictureAgeMs: 90000 });
  for (const bad of ['', '[]', '{"state":"dancing"}', 'null', '{"state":']) assert.equal(parseSourceState(emsg(bad)), null);
  assert.equal(parseSourceState(emsg('{"state":"waiting"}', 'urn:other')), null);
});
