// Cuts a byte stream into whole top-level ISO BMFF boxes and walks inside them.
// Pure: no I/O, no clock. Throws BoxError on bytes that cannot be such a stream.
// ISO/IEC 14496-12 §4.2.

/** The bytes are not a valid stream of boxes; reading cannot continue. */
export class BoxError extends Error {}

/**
 * A box inside some bytes; all offsets count from the start of those bytes.
 * @typedef {{type: string, start: number, body: number, end: number}} BoxAt
 */

const kHeaderBytes = 8;
const kLargeHeaderBytes = 16;

/**
 * @param {Uint8Array} bytes
 * @returns {DataView}
 */
export function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The four-character type that begins at `at`.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {string}
 */
export function fourCc(bytes, at) {
  let text = '';
  for (let i = at; i < at + 4; i++) {
    const c = bytes[i] ?? 0;
    // Box types are printable, garbage rarely is: this finds garbage at once.
    if (c < 0x20 || c > 0x7e) throw new BoxError(`not a box type at byte ${at}`);
    text += String.fromCharCode(c);
  }
  return text;
}

/**
 * Reads the box header at `at`; null while it is incomplete.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {{type: string, headerBytes: number, size: number} | null}
 */
function readHeader(bytes, at) {
  if (bytes.length - at < kHeaderBytes) return null;
  const view = viewOf(bytes);
  const type = fourCc(bytes, at + 4);
  let size = view.getUint32(at);
  let headerBytes = kHeaderBytes;
  if (size === 1) {
    if (bytes.length - at < kLargeHeaderBytes) return null;
    size = Number(view.getBigUint64(at + 8));
    headerBytes = kLargeHeaderBytes;
  }
  if (size < headerBytes) throw new BoxError(`box ${type} claims ${size} bytes`);
  return { type, headerBytes, size };
}

/**
 * The boxes that fill bytes[from, to) exactly.
 * @param {Uint8Array} bytes
 * @param {number} [from]
 * @param {number} [to]
 * @returns {Generator<BoxAt, void, void>}
 */
export function* boxesIn(bytes, from = 0, to = bytes.length) {
  let at = from;
  while (at < to) {
    const header = readHeader(bytes, at);
    if (!header || at + header.size > to) throw new BoxError(`box cut short at byte ${at}`);
    const end = at + header.size;
    yield { type: header.type, start: at, body: at + header.headerBytes, end };
    at = end;
  }
}

/**
 * The first child of that type, if any.
 * @param {Uint8Array} bytes
 * @param {BoxAt} parent
 * @param {string} type
 * @returns {BoxAt | null}
 */
export function childOf(bytes, parent, type) {
  for (const box of boxesIn(bytes, parent.body, parent.end)) if (box.type === type) return box;
  return null;
}

/** Holds the bytes of an unfinished box until the rest of it arrives. */
export class BoxSplitter {
  /** @param {number} [maxBoxBytes] a larger box is rejected as garbage */
  constructor(maxBoxBytes = 64 * 1024 * 1024) {
    this.maxBoxBytes_ = maxBoxBytes;
    /** @type {Uint8Array} */
    this.held_ = new Uint8Array(0);
    this.heldBytes_ = 0;
    // The next box is complete only when this many bytes are held.
    this.neededBytes_ = kHeaderBytes;
  }

  /**
   * Takes any slice of the stream; returns the boxes it completed, in order, each whole.
   * The boxes may alias `bytes`.
   * @param {Uint8Array} bytes
   * @returns {Uint8Array[]}
   */
  push(bytes) {
    let data = bytes;
    if (this.heldBytes_ > 0) {
      this.hold_(bytes);
      if (this.heldBytes_ < this.neededBytes_) return [];
      data = this.held_.subarray(0, this.heldBytes_);
    }
    /** @type {Uint8Array[]} */
    const boxes = [];
    let at = 0;
    let needed = kHeaderBytes;
    while (at < data.length) {
      const header = readHeader(data, at);
      if (!header) {
        needed = data.length - at < kHeaderBytes ? kHeaderBytes : kLargeHeaderBytes;
        break;
      }
      if (header.size > this.maxBoxBytes_) throw new BoxError(`box ${header.type} too large`);
      if (at + header.size > data.length) {
        needed = header.size;
        break;
      }
      boxes.push(data.subarray(at, at + header.size));
      at += header.size;
    }
    const rest = data.subarray(at);
    // A new array, because the boxes returned alias the old one.
    this.held_ = new Uint8Array(rest.length === 0 ? 0 : Math.max(needed, rest.length));
    this.held_.set(rest);
    this.heldBytes_ = rest.length;
    this.neededBytes_ = needed;
    return boxes;
  }

  /** @param {Uint8Array} bytes */
  hold_(bytes) {
    const total = this.heldBytes_ + bytes.length;
    if (total > this.held_.length) {
      const larger = new Uint8Array(Math.max(total, 2 * this.held_.length));
      larger.set(this.held_.subarray(0, this.heldBytes_));
      this.held_ = larger;
    }
    this.held_.set(bytes, this.heldBytes_);
    this.heldBytes_ = total;
  }
}
