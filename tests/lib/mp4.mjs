// Parses and checks the response of GET /stream: boxes (ISO/IEC 14496-12), init segments, fragments and state messages.

// Cuts slices of any size into whole top-level boxes.
export class BoxSplitter {
  #pending = Buffer.alloc(0);

  // The boxes completed by `bytes`: [{type, bytes}], header included.
  push(bytes) {
    this.#pending = this.#pending.length ? Buffer.concat([this.#pending, bytes]) : bytes;
    const boxes = [];
    let at = 0;
    while (this.#pending.length - at >= 8) {
      let size = this.#pending.readUInt32BE(at);
      if (size === 1) {
        if (this.#pending.length - at < 16) break;
        size = Number(this.#pending.readBigUInt64BE(at + 8));
      }
      const type = this.#pending.toString('latin1', at + 4, at + 8);
      if (size < 8 || size > 64 << 20 || !/^[a-z0-9 ]{4}$/i.test(type)) {
        throw new Error(`no box: size ${size}, type ${JSON.stringify(type)}`);
      }
      if (this.#pending.length - at < size) break;
      boxes.push({ type, bytes: this.#pending.subarray(at, at + size) });
      at += size;
    }
    if (at) this.#pending = Buffer.from(this.#pending.subarray(at));
    return boxes;
  }

  // Number of bytes of an unfinished box.
  get pending_bytes() {
    return this.#pending.length;
  }
}

// The boxes inside `bytes` from `at`: [{type, body}].
export function children(bytes, at = 8) {
  const result = [];
  while (at < bytes.length) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > bytes.length) throw new Error(`a child box of ${size} bytes at ${at} leaves its parent`);
    const box = bytes.subarray(at, at + size);
    result.push({ type: box.toString('latin1', 4, 8), box, body: box.subarray(8) });
    at += size;
  }
  return result;
}

const find = (boxes, type) => {
  const found = boxes.find((box) => box.type === type);
  if (!found) throw new Error(`no ${type} among ${boxes.map((box) => box.type)}`);
  return found;
};
const path = (bytes, ...types) => types.reduce((box, type) => find(children(box), type).box, bytes);
const u64 = (bytes, at) => Number(bytes.readBigUInt64BE(at));

// The tracks of a moov: [{id, kind, timescale, duration, codec, width, height, channels, sample_rate, avcc}].
export function parse_moov(moov) {
  const boxes = children(moov);
  const mvhd = find(boxes, 'mvhd').body;
  if ((mvhd[0] === 0 ? mvhd.readUInt32BE(16) : u64(mvhd, 24)) !== 0) throw new Error('mvhd has a duration');
  return boxes.filter((box) => box.type === 'trak').map(({ box: trak }) => {
    const tkhd = path(trak, 'tkhd').subarray(8);
    const mdia = path(trak, 'mdia');
    const mdhd = path(mdia, 'mdhd').subarray(8);
    const handler = path(mdia, 'hdlr').toString('latin1', 16, 20);
    const stsd = path(mdia, 'minf', 'stbl', 'stsd');
    const entry = children(stsd, 16)[0];
    const track = {
      id: tkhd.readUInt32BE(tkhd[0] === 0 ? 12 : 20),
      kind: handler === 'vide' ? 'video' : handler === 'soun' ? 'audio' : handler,
      timescale: mdhd.readUInt32BE(mdhd[0] === 0 ? 12 : 20),
      duration: mdhd[0] === 0 ? mdhd.readUInt32BE(16) : u64(mdhd, 24),
      entry: entry.type,
    };
    if (track.duration !== 0) throw new Error('mdhd has a duration');
    if (track.kind === 'video') {
      track.width = entry.body.readUInt16BE(24);
      track.height = entry.body.readUInt16BE(26);
      const avcc = find(children(entry.body, 78), 'avcC').body;
      track.avcc = avcc;
      track.codec = `avc1.${avcc.toString('hex', 1, 4).toUpperCase()}`;
    } else {
      track.channels = entry.body.readUInt16BE(16);
      track.sample_rate = entry.body.readUInt32BE(24) / 65536;
      const esds = find(children(entry.body, 28), 'esds').body;
      const config = esds.indexOf(Buffer.from([0x05])) + 1;  // DecoderSpecificInfo
      let at = config;
      while (esds[at] & 0x80) ++at;
      track.codec = `mp4a.40.${esds[at + 1] >> 3}`;
    }
    return track;
  });
}

// {sequence, track, tfdt, samples: [{duration, size, flags, composition}], duration, independent} of a moof.
export function parse_moof(moof) {
  const boxes = children(moof);
  const trafs = boxes.filter((box) => box.type === 'traf');
  if (trafs.length !== 1) throw new Error(`a moof with ${trafs.length} tracks`);
  const traf = children(trafs[0].box);
  const tfhd = find(traf, 'tfhd').body;
  const tfhd_flags = tfhd.readUIntBE(1, 3);
  let at = 8;
  const take = (source, flag, flags, fallback) => {
    if (!(flags & flag)) return fallback;
    at += 4;
    return source.readUInt32BE(at - 4);
  };
  if (tfhd_flags & 0x1) at += 8;
  take(tfhd, 0x2, tfhd_flags);
  const default_duration = take(tfhd, 0x8, tfhd_flags);
  const default_size = take(tfhd, 0x10, tfhd_flags);
  const default_flags = take(tfhd, 0x20, tfhd_flags, 0);
  if (!(tfhd_flags & 0x20000)) throw new Error('tfhd without default-base-is-moof');
  const tfdt = find(traf, 'tfdt').body;
  const truns = traf.filter((box) => box.type === 'trun');
  if (truns.length !== 1) throw new Error(`a traf with ${truns.length} truns`);
  const trun = truns[0].body;
  const flags = trun.readUIntBE(1, 3);
  const count = trun.readUInt32BE(4);
  at = 8;
  const data_offset = flags & 0x1 ? trun.readInt32BE((at += 4) - 4) : undefined;
  const first_flags = take(trun, 0x4, flags);
  const samples = [];
  for (let index = 0; index < count; ++index) {
    const duration = take(trun, 0x100, flags, default_duration);
    const size = take(trun, 0x200, flags, default_size);
    const own_flags = take(trun, 0x400, flags, index === 0 && first_flags !== undefined ? first_flags : default_flags);
    const composition = flags & 0x800 ? trun.readInt32BE((at += 4) - 4) : 0;
    samples.push({ duration, size, flags: own_flags, composition });
  }
  if (data_offset !== moof.length + 8) throw new Error(`data_offset ${data_offset} for a moof of ${moof.length} bytes`);
  return {
    sequence: find(boxes, 'mfhd').body.readUInt32BE(4),
    track: tfhd.readUInt32BE(4),
    tfdt: tfdt[0] === 1 ? u64(tfdt, 4) : tfdt.readUInt32BE(4),
    samples,
    duration: samples.reduce((sum, sample) => sum + sample.duration, 0),
    independent: samples.length > 0 && (samples[0].flags & 0x10000) === 0,
  };
}

// {track, ntp_ms (Unix), media_time} of a prft (§8.16.5).
export function parse_prft(box) {
  const seconds = box.readUInt32BE(16);
  const fraction = box.readUInt32BE(20);
  return {
    version: box[8],
    track: box.readUInt32BE(12),
    unix_ms: (seconds - 2208988800) * 1000 + (fraction / 2 ** 32) * 1000,
    media_time: box[8] === 0 ? box.readUInt32BE(24) : u64(box, 24),
  };
}

// {scheme, value, timescale, id, message} of an emsg of version 1.
export function parse_emsg(box) {
  if (box[8] !== 1) throw new Error(`emsg version ${box[8]}`);
  let at = 32;
  const text = () => {
    const end = box.indexOf(0, at);
    const result = box.toString('utf8', at, end);
    at = end + 1;
    return result;
  };
  const scheme = text();
  const value = text();
  return { timescale: box.readUInt32BE(12), time: u64(box, 16), id: box.readUInt32BE(28), scheme, value, message: JSON.parse(box.toString('utf8', at)) };
}

// Follows one response and throws at the first byte that breaks the contract of /stream: ftyp and moov first, whole
// boxes, each moof followed by its mdat of the right size, the first video fragment after an init segment independent,
// decode times of a track strictly increasing without overlap, sequence numbers increasing.
export class StreamChecker {
  inits = [];
  fragments = [];
  messages = [];
  #splitter = new BoxSplitter();
  #moof = null;
  #prft = null;
  #ftyp = false;
  #needs_independent;
  #last = new Map();
  #sequence = -1;

  constructor({ independent_start = true } = {}) {
    this.#needs_independent = independent_start;
  }

  push(bytes) {
    for (const box of this.#splitter.push(bytes)) this.#box(box);
  }

  #box({ type, bytes }) {
    if (this.#moof && type !== 'mdat') throw new Error(`${type} between a moof and its mdat`);
    if (this.#ftyp && type !== 'moov') throw new Error(`${type} between ftyp and moov`);
    if (this.inits.length === 0 && !['ftyp', 'moov', 'emsg'].includes(type)) throw new Error(`begins with ${type}`);
    switch (type) {
      case 'ftyp': this.#ftyp = true; break;
      case 'moov':
        if (!this.#ftyp) throw new Error('moov without ftyp');
        this.#ftyp = false;
        if (this.inits.length) this.#needs_independent = true;
        this.inits.push({ tracks: parse_moov(bytes), at: Date.now() });
        break;
      case 'prft':
        if (this.#prft) throw new Error('two prft in a row');
        this.#prft = parse_prft(bytes);
        break;
      case 'moof': this.#moof = parse_moof(bytes); break;
      case 'mdat': this.#fragment(bytes); break;
      case 'emsg': this.messages.push({ ...parse_emsg(bytes), at: Date.now() }); break;
      default: throw new Error(`unexpected box ${type}`);
    }
  }

  #fragment(mdat) {
    if (!this.#moof) throw new Error('mdat without moof');
    const fragment = { ...this.#moof, prft: this.#prft, at: Date.now(), bytes: mdat.length };
    this.#moof = this.#prft = null;
    const track = this.track(fragment.track);
    if (!track) throw new Error(`a fragment of track ${fragment.track}, which the moov does not have`);
    const size = fragment.samples.reduce((sum, sample) => sum + sample.size, 0);
    if (size !== mdat.length - 8) throw new Error(`samples of ${size} bytes in an mdat of ${mdat.length - 8}`);
    if (this.#needs_independent) {
      if (track.kind === 'video') {
        if (!fragment.independent) throw new Error('the first video fragment is not independent');
        this.#needs_independent = false;
      } else if (!this.video) {
        this.#needs_independent = false;
      }
    }
    if (track.kind === 'video') {
      if (fragment.samples.length !== 1) throw new Error(`${fragment.samples.length} frames in a video fragment`);
      if (fragment.independent) {
        if (!(mdat_nal_types(mdat.subarray(8)).includes(5))) throw new Error('an independent fragment without an IDR picture');
        if (!fragment.prft) throw new Error('an independent video fragment without a prft');
        if (fragment.prft.media_time !== fragment.tfdt + fragment.samples[0].composition && fragment.prft.media_time !== fragment.tfdt) {
          throw new Error(`prft names ${fragment.prft.media_time}, the fragment begins at ${fragment.tfdt}`);
        }
      }
    }
    fragment.kind = track.kind;
    fragment.start_s = fragment.tfdt / track.timescale;
    fragment.end_s = (fragment.tfdt + fragment.duration) / track.timescale;
    const last = this.#last.get(fragment.track);
    if (last) {
      if (fragment.start_s <= last.start_s) throw new Error(`track ${fragment.track}: decode time ${fragment.tfdt} after ${last.tfdt}`);
      // A difference of one tick is rounding, not an overlap.
      fragment.gap_s = fragment.start_s - last.end_s;
      if (fragment.gap_s < -1.5 / track.timescale - 0.002) throw new Error(`track ${fragment.track}: overlaps by ${-fragment.gap_s} s at ${fragment.start_s}`);
    } else {
      fragment.gap_s = 0;
    }
    this.#last.set(fragment.track, fragment);
    if (fragment.sequence <= this.#sequence) throw new Error(`sequence ${fragment.sequence} after ${this.#sequence}`);
    this.#sequence = fragment.sequence;
    this.fragments.push(fragment);
  }

  get init() {
    return this.inits.at(-1);
  }
  track(id) {
    return this.init?.tracks.find((track) => track.id === id);
  }
  get video() {
    return this.init?.tracks.find((track) => track.kind === 'video');
  }
  get audio() {
    return this.init?.tracks.find((track) => track.kind === 'audio');
  }
  of(kind) {
    return this.fragments.filter((fragment) => fragment.kind === kind);
  }
  // Seconds of media of a kind from the first fragment's start to the last one's end.
  seconds(kind = this.video ? 'video' : 'audio') {
    const list = this.of(kind);
    return list.length ? list.at(-1).end_s - list[0].start_s : 0;
  }
  // Holes longer than `limit_s`: [{kind, at, gap}].
  gaps(limit_s = 0.002) {
    return this.fragments.filter((fragment) => fragment.gap_s > limit_s)
      .map((fragment) => ({ kind: fragment.kind, at: fragment.start_s, gap: fragment.gap_s, sequence: fragment.sequence }));
  }
  get media_bytes() {
    return this.fragments.reduce((sum, fragment) => sum + fragment.bytes, 0);
  }
  // Throws if the response ended inside a box or between a moof and its mdat.
  end() {
    if (this.#splitter.pending_bytes || this.#moof || this.#ftyp || this.#prft) {
      throw new Error(`ended inside a fragment (${this.#splitter.pending_bytes} bytes pending)`);
    }
  }
}

// NAL unit types of length-prefixed H.264 (ISO/IEC 14496-15).
export function mdat_nal_types(sample) {
  const types = [];
  for (let at = 0; at + 5 <= sample.length;) {
    types.push(sample[at + 4] & 31);
    at += 4 + sample.readUInt32BE(at);
  }
  return types;
}
