// Parses the fields that the player needs of a fragment (`moof`), of the server's clock (`prft`) and of the
// messages about the source (`emsg`). Pure. ISO/IEC 14496-12 §8.8, §8.16.5; 23009-1 §5.10.3.3.

import { BoxError, boxesIn, childOf, viewOf } from './boxes.js';

/** @typedef {import('./boxes.js').BoxAt} BoxAt */
/** @typedef {import('./init-segment.js').TrackInfo} TrackInfo */

/**
 * @typedef {object} FragmentInfo
 * @property {number} sequence low 32 bits of the number by which the server knows it
 * @property {number} trackId
 * @property {number} timeS decode time of its first sample
 * @property {number} samples
 */

/**
 * The state of the source, which the server sends while the source gives nothing.
 * @typedef {object} SourceState
 * @property {'starting' | 'running' | 'waiting' | 'stopped'} state
 * @property {string} error empty when there is none
 * @property {number} retryInMs
 * @property {number | null} pictureAgeMs how old the source's last picture is, while that is shown; else null
 */

export const kStateScheme = 'urn:livestream-server:state';
const kNtpToUnixS = 2208988800;

/**
 * @param {Uint8Array} moof the whole box, holding one track
 * @param {TrackInfo[]} tracks
 * @returns {FragmentInfo}
 */
export function parseFragment(moof, tracks) {
  const view = viewOf(moof);
  try {
    const [root] = boxesIn(moof);
    const mfhd = root && childOf(moof, root, 'mfhd');
    const traf = root && childOf(moof, root, 'traf');
    const tfhd = traf && childOf(moof, traf, 'tfhd');
    const tfdt = traf && childOf(moof, traf, 'tfdt');
    if (!mfhd || !traf || !tfhd || !tfdt) throw new BoxError('moof lacks mfhd, tfhd or tfdt');
    const trackId = view.getUint32(tfhd.body + 4);
    const track = tracks.find((t) => t.id === trackId);
    if (!track) throw new BoxError(`fragment of unknown track ${trackId}`);
    const ticks = moof[tfdt.body] === 1 ? Number(view.getBigUint64(tfdt.body + 4)) :
      view.getUint32(tfdt.body + 4);
    let samples = 0;
    for (const box of boxesIn(moof, traf.body, traf.end)) {
      if (box.type === 'trun') samples += countSamples(view, box);
    }
    return { sequence: view.getUint32(mfhd.body + 4), trackId, samples, timeS: ticks / track.timescale };
  } catch (e) {
    if (e instanceof RangeError) throw new BoxError('moof cut short');
    throw e;
  }
}

/**
 * @param {DataView} view
 * @param {BoxAt} trun
 */
function countSamples(view, trun) {
  const flags = view.getUint32(trun.body) & 0xffffff;
  const samples = view.getUint32(trun.body + 4);
  const stride = 4 * [0x100, 0x200, 0x400, 0x800].filter((bit) => flags & bit).length;
  const first = trun.body + 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  if (first + samples * stride > trun.end) throw new BoxError('trun cut short');
  return samples;
}

/**
 * The time at which the server received the frame with this media time.
 * @param {Uint8Array} prft the whole box
 * @param {TrackInfo[]} tracks
 * @returns {{unixMs: number, mediaTimeS: number} | null} null for a track that is not played
 */
export function parseProducerTime(prft, tracks) {
  const [root] = boxesIn(prft);
  if (!root || root.type !== 'prft') throw new BoxError('not a prft box');
  const long = prft[root.body] === 1;
  if (root.end - root.body < (long ? 24 : 20)) throw new BoxError('prft cut short');
  const view = viewOf(prft);
  const track = tracks.find((t) => t.id === view.getUint32(root.body + 4));
  if (!track) return null;
  const seconds = view.getUint32(root.body + 8) - kNtpToUnixS;
  const fraction = view.getUint32(root.body + 12) / 2 ** 32;
  const ticks = long ? Number(view.getBigUint64(root.body + 16)) : view.getUint32(root.body + 16);
  return { unixMs: (seconds + fraction) * 1000, mediaTimeS: ticks / track.timescale };
}

/**
 * @param {Uint8Array} emsg the whole box
 * @returns {SourceState | null} null for other messages
 */
export function parseSourceState(emsg) {
  const [root] = boxesIn(emsg);
  if (!root || root.type !== 'emsg') throw new BoxError('not an emsg box');
  if (emsg[root.body] !== 1) return null;
  let at = root.body + 24;
  /** Reads a zero-terminated text and moves `at` behind it. */
  const text = () => {
    const end = emsg.indexOf(0, at);
    if (end < 0 || end >= root.end) throw new BoxError('emsg cut short');
    const value = new TextDecoder().decode(emsg.subarray(at, end));
    at = end + 1;
    return value;
  };
  if (text() !== kStateScheme || text() !== '1') return null;
  return readState(new TextDecoder().decode(emsg.subarray(at, root.end)));
}

/**
 * @param {string} json
 * @returns {SourceState | null}
 */
function readState(json) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const fields = /** @type {Record<string, unknown>} */ (value);
  const state = fields['state'];
  if (state !== 'starting' && state !== 'running' && state !== 'waiting' && state !== 'stopped') {
    return null;
  }
  const error = fields['error'];
  const retry = fields['retry_in_ms'];
  const age = fields['picture_age_ms'];
  return {
    state, error: typeof error === 'string' ? error : '',
    retryInMs: typeof retry === 'number' ? retry : 0,
    pictureAgeMs: typeof age === 'number' ? age : null,
  };
}
