// MPEG-TS as ffmpeg's muxer writes it (ISO/IEC 13818-1 §2.4.3.2): whole packets in a buffer.

export const packet_size = 188;
export const pids = { video: 0x100, audio: 0x101 };

// All packets but those of `pid`.
export function without(packets, pid) {
  const kept = [];
  for (let at = 0; at < packets.length; at += packet_size) {
    if ((packets.readUInt16BE(at + 1) & 0x1fff) !== pid) kept.push(packets.subarray(at, at + packet_size));
  }
  return Buffer.concat(kept);
}
