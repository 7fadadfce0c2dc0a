// Stand-ins for the browser and the server: boxes, a MediaSource, a transport.

const text = new TextEncoder();

/** Big-endian bytes of a number. */
export const be = (value, bytes) => Uint8Array.from({ length: bytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * (bytes - 1 - i))) & 0xffn));
export const zeros = (count) => new Uint8Array(count);

/** Joins parts: numbers are bytes, texts are ASCII, arrays are copied. */
export function bytes(...parts) {
  const all = parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : typeof part === 'string' ? text.encode(part) : part));
  const joined = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
export function box(type, ...parts) {
  const body = bytes(...parts);
  return bytes(be(body.length + 8, 4), type, body);
}
export const full = (type, version, flags, ...parts) => box(type, version, be(flags, 3), ...parts);

const avcC = bytes(1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 0, 0);
const esds = (audioType) => full('esds', 0, 0, 3, 25, 0, 2, 0, 4, 17, 0x40, 0x15, zeros(11), 5, 2, audioType << 3, 0x10);
const visual = (type, config, width, height) => box(type, zeros(24), be(width, 2), be(height, 2), zeros(50), config);
const audible = (type, config) => box(type, zeros(28), config);

export function trak(id, handler, timescale, entry) {
  return box('trak', full('tkhd', 0, 7, zeros(8), be(id, 4), zeros(68)),
    box('mdia', full('mdhd', 0, 0, zeros(8), be(timescale, 4), zeros(8)), full('hdlr', 0, 0, zeros(4), handler, zeros(13)),
      box('minf', box('stbl', full('stsd', 0, 0, be(1, 4), entry)))));
}
export const video_track = ({ width = 640, height = 360, config = avcC } = {}) => trak(1, 'vide', 90000, visual('avc1', box('avcC', config), width, height));
export const audio_track = () => trak(2, 'soun', 44100, audible('mp4a', esds(2)));
export const other_track = (handler, entry) => trak(1, handler, 1000, handler === 'vide' ? visual(entry[0], entry[1], 2, 2) : audible(entry[0], entry[1]));
export const trex = (id, duration = 0) => full('trex', 0, 0, be(id, 4), be(1, 4), be(duration, 4), zeros(8));
export const moov = (...tracks) => box('moov', full('mvhd', 0, 0, zeros(96)), ...tracks, box('mvex', trex(1, 3000), trex(2, 1024)));
export const ftyp = box('ftyp', 'iso5', zeros(4), 'iso5');
export const moof = (sequence, track, time, { duration = 3000, samples = 1 } = {}) => box('moof', full('mfhd', 0, 0, be(sequence, 4)),
  box('traf', full('tfhd', 0, 0x20000, be(track, 4)), full('tfdt', 1, 0, be(time, 8)),
    full('trun', 0, 0x301, be(samples, 4), zeros(4), ...Array.from({ length: samples }, () => bytes(be(duration, 4), be(1, 4))))));
export const mdat = box('mdat', 1);
export const prft = (track, unix_ms, time) => full('prft', 1, 0, be(track, 4), be(Math.floor(unix_ms / 1000) + 2208988800, 4),
  be(Math.round(((unix_ms % 1000) / 1000) * 2 ** 32), 4), be(time, 8));
export const emsg = (json, scheme = 'urn:livestream-server:state') => full('emsg', 1, 0, be(1000, 4), zeros(16), scheme, 0, '1', 0, json);

/** A MediaSource, or a managed one, that the test controls. */
export class FakeMediaSource extends EventTarget {
  static made = [];
  static supported = () => true;
  static isTypeSupported(mime) { return FakeMediaSource.supported(mime); }
  constructor() {
    super();
    this.readyState = 'closed';
    this.sourceBuffers = [];
    FakeMediaSource.made.push(this);
  }
  open() {
    this.readyState = 'open';
    this.dispatchEvent(new Event('sourceopen'));
  }
  addSourceBuffer(mime) {
    const buffer = new FakeSourceBuffer(mime);
    this.sourceBuffers.push(buffer);
    return buffer;
  }
}

export class FakeSourceBuffer extends EventTarget {
  constructor(mime) {
    super();
    this.types = [mime];
    this.updating = false;
    this.appended = [];
    this.removed = [];
    this.aborted = 0;
    this.ranges = [];
    this.throwNext = null;
  }
  get buffered() {
    return { length: this.ranges.length, start: (i) => this.ranges[i][0], end: (i) => this.ranges[i][1] };
  }
  appendBuffer(data) {
    if (this.throwNext) {
      const error = this.throwNext;
      this.throwNext = null;
      throw error;
    }
    this.appended.push(data);
    this.updating = true;
  }
  remove(start, end) {
    this.removed.push([start, end]);
    this.updating = true;
  }
  abort() { this.aborted++; }
  changeType(mime) { this.types.push(mime); }
  done() {
    this.updating = false;
    this.dispatchEvent(new Event('updateend'));
  }
}
