// Parses an init segment (`moov`): its tracks and their RFC 6381 codec strings, which are made from the decoder
// configuration. Pure. ISO/IEC 14496-12 §8.2-8.5, 14496-15, 14496-14.

import { BoxError, boxesIn, childOf, viewOf } from './boxes.js';

/** @typedef {import('./boxes.js').BoxAt} BoxAt */

/**
 * @typedef {object} TrackInfo
 * @property {number} id
 * @property {'video' | 'audio'} kind
 * @property {string} codec RFC 6381, e.g. "avc1.42C01F"
 * @property {number} timescale ticks per second
 * @property {number} width 0 for audio
 * @property {number} height 0 for audio
 */

const kVisualEntryBytes = 78;
const kAudioEntryBytes = 28;

/** @param {number} value @param {number} [digits] */
const hex = (value, digits = 2) => value.toString(16).toUpperCase().padStart(digits, '0');

/**
 * The tracks of a `moov` box that a browser can play (hint and text tracks are left out).
 * @param {Uint8Array} moov the whole box
 * @returns {TrackInfo[]}
 */
export function parseInitSegment(moov) {
  const [root] = boxesIn(moov);
  if (!root || root.type !== 'moov') throw new BoxError('not a moov box');
  /** @type {TrackInfo[]} */
  const tracks = [];
  for (const box of boxesIn(moov, root.body, root.end)) {
    if (box.type !== 'trak') continue;
    const track = parseTrack(moov, box);
    if (track) tracks.push(track);
  }
  return tracks;
}

/**
 * Whether the stream has sound, in this init segment or in the one of all tracks: the server marks an init segment
 * that leaves the sound out (docs/http-api.md).
 * @param {Uint8Array} moov the whole box
 * @param {TrackInfo[]} tracks of this init segment
 */
export function streamHasSound(moov, tracks) {
  if (tracks.some((track) => track.kind === 'audio')) return true;
  const [root] = boxesIn(moov);
  const notes = root && childOf(moov, root, 'udta');
  return Boolean(notes && childOf(moov, notes, 'soun'));
}

/**
 * The type to open a SourceBuffer with.
 * @param {TrackInfo[]} tracks
 * @returns {string} e.g. `video/mp4; codecs="avc1.42C01F,mp4a.40.2"`
 */
export function mimeTypeOf(tracks) {
  const container = tracks.some((t) => t.kind === 'video') ? 'video/mp4' : 'audio/mp4';
  return `${container}; codecs="${tracks.map((t) => t.codec).join(',')}"`;
}

/**
 * Init segments with equal keys can be appended to the same SourceBuffer.
 * @param {TrackInfo[]} tracks
 */
export function trackSetKey(tracks) {
  return tracks.map((t) => `${t.kind}:${t.id}`).sort().join(' ');
}

/**
 * @param {Uint8Array} moov
 * @param {BoxAt} trak
 * @returns {TrackInfo | null}
 */
function parseTrack(moov, trak) {
  const tkhd = need(moov, trak, 'tkhd');
  const mdia = need(moov, trak, 'mdia');
  const mdhd = need(moov, mdia, 'mdhd');
  const hdlr = need(moov, mdia, 'hdlr');
  const stsd = need(moov, need(moov, need(moov, mdia, 'minf'), 'stbl'), 'stsd');
  const view = viewOf(moov);
  const handler = String.fromCharCode(...moov.subarray(hdlr.body + 8, hdlr.body + 12));
  const kind = handler === 'vide' ? 'video' : handler === 'soun' ? 'audio' : null;
  if (!kind) return null;
  const [entry] = boxesIn(moov, stsd.body + 8, stsd.end);
  if (!entry) throw new BoxError('stsd without an entry');
  const fields = entry.body + (kind === 'video' ? kVisualEntryBytes : kAudioEntryBytes);
  if (fields > entry.end) throw new BoxError('sample entry cut short');
  return {
    id: view.getUint32(tkhd.body + (moov[tkhd.body] === 1 ? 20 : 12)),
    kind,
    codec: codecOf(moov, entry, fields),
    timescale: view.getUint32(mdhd.body + (moov[mdhd.body] === 1 ? 20 : 12)) || 1,
    width: kind === 'video' ? view.getUint16(entry.body + 24) : 0,
    height: kind === 'video' ? view.getUint16(entry.body + 26) : 0,
  };
}

/**
 * @param {Uint8Array} bytes
 * @param {BoxAt} parent
 * @param {string} type
 * @returns {BoxAt}
 */
function need(bytes, parent, type) {
  const box = childOf(bytes, parent, type);
  if (!box) throw new BoxError(`${parent.type} without ${type}`);
  return box;
}

/**
 * @param {Uint8Array} bytes
 * @param {BoxAt} entry the sample entry
 * @param {number} from where its child boxes begin
 * @returns {string}
 */
function codecOf(bytes, entry, from) {
  /** @param {string} type */
  const config = (type) => {
    for (const box of boxesIn(bytes, from, entry.end)) {
      if (box.type === type) return bytes.subarray(box.body, box.end);
    }
    throw new BoxError(`${entry.type} without ${type}`);
  };
  switch (entry.type) {
    case 'avc1':
    case 'avc3': {
      const c = config('avcC');
      return `${entry.type}.${hex(c[1] ?? 0)}${hex(c[2] ?? 0)}${hex(c[3] ?? 0)}`;
    }
    case 'hvc1':
    case 'hev1':
      return `${entry.type}.${hevcSuffix(config('hvcC'))}`;
    case 'av01':
      return `av01.${av1Suffix(config('av1C'))}`;
    case 'vp09': {
      const c = config('vpcC');
      /** @param {number} n */
      const two = (n) => String(n).padStart(2, '0');
      return `vp09.${two(c[4] ?? 0)}.${two(c[5] ?? 0)}.${two((c[6] ?? 0) >> 4)}`;
    }
    case 'mp4a':
      return `mp4a.${esdsSuffix(config('esds'))}`;
    case 'Opus':
      return 'opus';
    case 'fLaC':
      return 'flac';
    default:
      return entry.type;
  }
}

/**
 * ISO/IEC 14496-15 annex E.
 * @param {Uint8Array} c HEVCDecoderConfigurationRecord
 */
function hevcSuffix(c) {
  if (c.length < 13) throw new BoxError('hvcC cut short');
  const view = viewOf(c);
  const b1 = c[1] ?? 0;
  const space = ['', 'A', 'B', 'C'][b1 >> 6];
  let reversed = 0;
  for (let i = 0, flags = view.getUint32(2); i < 32; i++, flags >>>= 1) {
    reversed = ((reversed << 1) | (flags & 1)) >>> 0;
  }
  const constraints = [...c.subarray(6, 12)];
  while (constraints.length > 0 && constraints[constraints.length - 1] === 0) constraints.pop();
  const tier = b1 & 0x20 ? 'H' : 'L';
  const parts = [`${space}${b1 & 0x1f}`, reversed.toString(16).toUpperCase(), `${tier}${c[12]}`];
  return [...parts, ...constraints.map((b) => b.toString(16).toUpperCase())].join('.');
}

/**
 * AV1 ISOBMFF binding §5.
 * @param {Uint8Array} c AV1CodecConfigurationRecord
 */
function av1Suffix(c) {
  const b1 = c[1] ?? 0;
  const b2 = c[2] ?? 0;
  const high = (b2 & 0x40) !== 0;
  const depth = high ? (b2 & 0x20 ? '12' : '10') : '08';
  return `${b1 >> 5}.${String(b1 & 0x1f).padStart(2, '0')}${b2 & 0x80 ? 'H' : 'M'}.${depth}`;
}

/**
 * Object type indication and audio object type. ISO/IEC 14496-1 §7.2.6.
 * @param {Uint8Array} esds body of the esds box
 */
function esdsSuffix(esds) {
  let at = 4;
  /** Reads a descriptor header; `at` then is at its first field. */
  const descriptor = () => {
    const tag = esds[at++];
    for (let i = 0; i < 4 && ((esds[at++] ?? 0) & 0x80) !== 0; i++);
    return tag;
  };
  if (descriptor() !== 3) throw new BoxError('esds without ES_Descriptor');
  const flags = esds[at + 2] ?? 0;
  at += 3 + (flags & 0x80 ? 2 : 0) + (flags & 0x20 ? 2 : 0);
  if (flags & 0x40) at += 1 + (esds[at] ?? 0);
  if (descriptor() !== 4) throw new BoxError('esds without DecoderConfigDescriptor');
  const objectType = esds[at] ?? 0;
  at += 13;
  if (objectType !== 0x40 || descriptor() !== 5) return hex(objectType).toLowerCase();
  const first = esds[at] ?? 0;
  let audioType = first >> 3;
  if (audioType === 31) audioType = 32 + (((first & 7) << 3) | ((esds[at + 1] ?? 0) >> 5));
  return `40.${audioType}`;
}
