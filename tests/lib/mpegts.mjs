// MPEG-TS as ffmpeg's muxer writes it (ISO/IEC 13818-1 §2.4.3.2): whole packets in a buffer.

export const packet_size = 188;
// Of a sound packet, which has a presentation time only.
export const pes_header_size = 14;
export const pids = { video: 0x100, audio: 0x101 };

// All packets but those of `pid`.
export function without(packets, pid) {
  const kept = [];
  for (let at = 0; at < packets.length; at += packet_size) {
    if ((packets.readUInt16BE(at + 1) & 0x1fff) !== pid) kept.push(packets.subarray(at, at + packet_size));
  }
  return Buffer.concat(kept);
}

// A copy in which the payloads of `pid` are changed by `change(payload)`, in place; a payload begins with a PES header where
// its packet says so.
export function change_payloads(packets, pid, change) {
  const bent = Buffer.from(packets);
  for (let at = 0; at < bent.length; at += packet_size) {
    if ((bent.readUInt16BE(at + 1) & 0x1fff) !== pid) continue;
    const has_adaptation = bent[at + 3] & 0x20;
    change(bent.subarray(at + 4 + (has_adaptation ? 1 + bent[at + 4] : 0), at + packet_size), Boolean(bent[at + 1] & 0x40));
  }
  return bent;
}

// The time stamp of a PES header (ISO/IEC 13818-1 §2.4.3.7) becomes `change(stamp)`, in 1/90000 s.
export function change_stamp(pes, change) {
  if (!(pes[7] & 0x80)) return;
  const old = (pes[9] >> 1 & 7) * 2 ** 30 + (pes.readUInt16BE(10) >> 1) * 2 ** 15 + (pes.readUInt16BE(12) >> 1);
  const stamp = Math.round(change(old));
  pes[9] = (pes[9] & 0xf1) | Math.floor(stamp / 2 ** 30) << 1;
  pes.writeUInt16BE((Math.floor(stamp / 2 ** 15) & 0x7fff) << 1 | 1, 10);
  pes.writeUInt16BE((stamp & 0x7fff) << 1 | 1, 12);
}

const pmt_pid = 0x1000;
const hz = 90_000;

// The CRC of program tables (§2.4.4, annex A).
function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  }
  return value >>> 0;
}

function table(...bytes) {
  const section = Buffer.alloc(184, 0xff);
  section.set([0, ...bytes]);
  section.writeUInt32BE(crc(bytes), 1 + bytes.length);
  return section;
}

const pat = table(0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | pmt_pid >> 8, pmt_pid & 0xff);
const pmt = table(2, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xe0 | pids.video >> 8, pids.video & 0xff, 0xf0, 0, 0x1b, 0xe0 | pids.video >> 8, pids.video & 0xff, 0xf0, 0);

// One PES packet, of a length that its header leaves open, as a picture's is.
function pes({ at_s, data }) {
  const pts = Math.round(at_s * hz);
  const stamp = [0x21 | (pts / 2 ** 30 & 7) << 1, pts / 2 ** 22 & 0xff, pts / 2 ** 14 & 0xfe | 1, pts >> 7 & 0xff, pts << 1 & 0xfe | 1];
  return Buffer.concat([Buffer.from([0, 0, 1, 0xe0, 0, 0, 0x84, 0x80, 5, ...stamp]), data]);
}

function clock_field(at_s) {
  const base = BigInt(Math.round(at_s * hz)) << 15n | 0x7e00n;
  const field = Buffer.alloc(7);
  field[0] = 0x50;  // a random access point, with a clock reference
  field.writeUIntBE(Number(base), 1, 6);
  return field;
}

// An MPEG-TS with H.264 alone: each unit {at_s, data} in a PES packet of its own, whether it holds a whole picture or a part.
// `at_s` counts from the start.
export function mux(units) {
  const packets = [];
  const counters = new Map();
  const put = (pid, payload, { first = false, field = Buffer.alloc(0) } = {}) => {
    const counter = (counters.get(pid) ?? -1) + 1 & 15;
    counters.set(pid, counter);
    const packet = Buffer.alloc(packet_size, 0xff);
    packet.set([0x47, (first ? 0x40 : 0) | pid >> 8, pid & 0xff, 0x10 | counter]);
    const spare = packet_size - 4 - payload.length;
    if (spare > 0) {
      packet[3] |= 0x20;
      packet[4] = spare - 1;
      if (spare > 1) packet.set(field.length > 0 ? field : [0], 5);
    }
    packet.set(payload, packet_size - payload.length);
    packets.push(packet);
  };
  units.forEach((unit, index) => {
    if (index % 30 === 0) {
      put(0, pat, { first: true });
      put(pmt_pid, pmt, { first: true });
    }
    const bytes = pes(unit);
    const field = clock_field(unit.at_s);
    const head = packet_size - 4 - 1 - field.length;
    put(pids.video, bytes.subarray(0, head), { first: true, field });
    for (let at = head; at < bytes.length; at += 184) put(pids.video, bytes.subarray(at, at + 184));
  });
  return Buffer.concat(packets);
}

// The NAL units of an H.264 byte stream (annex B), start codes included.
export function nal_units(bytes) {
  const starts = [];
  for (let at = bytes.indexOf('\0\0\x01'); at >= 0; at = bytes.indexOf('\0\0\x01', at + 3)) starts.push(at > 0 && bytes[at - 1] === 0 ? at - 1 : at);
  return starts.map((start, index) => bytes.subarray(start, starts[index + 1]));
}

export const nal_type = (unit) => unit[unit.indexOf(1) + 1] & 31;
