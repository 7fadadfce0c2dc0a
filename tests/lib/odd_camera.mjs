// Cameras whose clocks are wrong: RTSP over TCP with H.264 and G.711 sound, raw H.264 over TCP, MJPEG over HTTP. All send
// a flash and a beep together, once a second, at the pace of the real clock.
import { readFileSync } from 'node:fs';
import { start_http } from './sources.mjs';
import { start_tcp_server } from './tcp_server.mjs';
import { sleep } from './wait.mjs';

// The access units of an H.264 byte stream with access unit delimiters, as lists of NAL units.
function access_units(path) {
  const bytes = readFileSync(path);
  const units = [];
  const starts = [];
  for (let at = bytes.indexOf('000001', 0, 'hex'); at >= 0; at = bytes.indexOf('000001', at + 3, 'hex')) starts.push(at);
  starts.forEach((start, index) => {
    const end = starts[index + 1] ?? bytes.length;
    let nal = bytes.subarray(start + 3, end);
    if (index + 1 < starts.length && nal.at(-1) === 0) nal = nal.subarray(0, -1);
    if ((nal[0] & 31) === 9) return void units.push([]);
    units.at(-1)?.push(nal);
  });
  return units;
}

// One packet of G.711 µ-law at `seconds`: a tone in the first tenth of each second.
function mu_law(seconds, samples) {
  return Buffer.from(Array.from({ length: samples }, (_, n) => {
    const at = seconds + n / 8000;
    const value = at % 1 < 0.1 ? Math.round(12_000 * Math.sin(2 * Math.PI * 880 * at)) : 0;
    const magnitude = Math.min(32_635, Math.abs(value)) + 132;
    const exponent = 31 - Math.clz32(magnitude) - 7;
    return ~((value < 0 ? 0x80 : 0) | (exponent << 4) | ((magnitude >> (exponent + 3)) & 15)) & 0xff;
  }));
}

// Calls `send(n)` at the time of each n-th step until the socket is gone.
async function in_time(socket, steps_per_second, send) {
  const begin = performance.now();
  for (let n = 0; !socket.destroyed; ++n) {
    const wait = begin + (n * 1000) / steps_per_second - performance.now();
    if (wait > 0) await sleep(wait);
    if (!socket.destroyed) send(n);
  }
}

// ffmpeg takes a first stamp of 0 for none.
const first_stamp = 90_000;

function rtp(type, marker, sequence, stamp, ssrc, payload) {
  const head = Buffer.alloc(12);
  head[0] = 0x80;
  head[1] = type | (marker ? 0x80 : 0);
  head.writeUInt16BE(sequence & 0xffff, 2);
  head.writeUInt32BE((first_stamp + stamp) >>> 0, 4);
  head.writeUInt32BE(ssrc, 8);
  return Buffer.concat([head, payload]);
}

// A NAL unit as RTP payloads (RFC 6184 §5.6, §5.8).
function payloads(nal) {
  if (nal.length <= 1400) return [nal];
  const parts = [];
  for (let at = 1; at < nal.length; at += 1400) {
    const last = at + 1400 >= nal.length;
    parts.push(Buffer.concat([Buffer.from([(nal[0] & 0xe0) | 28, (nal[0] & 31) | (at === 1 ? 0x80 : 0) | (last ? 0x40 : 0)]), nal.subarray(at, at + 1400)]));
  }
  return parts;
}

// The payloads of one picture, each with the marker bit (RFC 6184 §5.1).
const marked_payloads = (unit) => unit.flatMap((nal, index) => payloads(nal).map((payload, part, all) => [payload, index === unit.length - 1 && part === all.length - 1]));

// A camera's answer to DESCRIBE (RFC 8866).
function description_of(picture, sound) {
  const set = (type) => picture.find((nal) => (nal[0] & 31) === type).toString('base64');
  return ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=camera', 't=0 0', 'a=control:*',
    'm=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${set(7)},${set(8)}`, 'a=control:picture',
    ...(sound ? ['m=audio 0 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', 'a=control:sound'] : []), ''].join('\r\n');
}

// An RTSP camera of `rate` pictures a second that begins with the picture `first` of the file and describes itself
// `describe_after` seconds late; it hangs up after `seconds`. `picture_stamp` and `sound_stamp` give the stamp, in seconds, of what is sent at
// a time of the real clock; the sound begins `sound_late` seconds late and comes `sound_burst` packets at once. Each track may end
// before the other.
export async function start_odd_rtsp(t, path, { rate = 30, first = 0, describe_after = 0, seconds = Infinity, picture_stamp = (s) => s, sound_stamp = (s) => s, sound_late = 0, sound_burst = 1, sound = true, picture_ends = Infinity, sound_ends = Infinity } = {}) {
  const units = access_units(path);
  const description = description_of(units[0], sound);

  const play = (socket, channels) => {
    const send = (channel, packet) => {
      const head = Buffer.from([0x24, channel, packet.length >> 8, packet.length & 0xff]);
      socket.write(Buffer.concat([head, packet]));
    };
    let sequence = 0;
    if (seconds < Infinity) setTimeout(() => socket.destroy(), seconds * 1000);
    in_time(socket, rate, (n) => {
      if (n / rate >= picture_ends) return;
      const stamp = Math.round(picture_stamp(n / rate) * 90_000);
      const unit = units[(n + first) % units.length];
      for (const [payload, marker] of marked_payloads(unit)) send(channels.picture, rtp(96, marker, sequence++, stamp, 1, payload));
    });
    if (channels.sound === undefined) return;
    setTimeout(() => in_time(socket, 50 / sound_burst, (n) => {
      for (let packet = n * sound_burst; packet < (n + 1) * sound_burst; ++packet) {
        const seconds = sound_late + packet / 50;
        if (seconds >= sound_ends) return;
        send(channels.sound, rtp(0, false, packet, Math.round(sound_stamp(seconds) * 8000), 2, mu_law(seconds, 160)));
      }
    }), sound_late * 1000);
  };

  const { port } = await start_tcp_server(t, (socket) => {
    const channels = {};
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end);
        text = text.slice(end + 4);
        const [, method, url] = /^[^A-Z]*([A-Z_]+) (\S+)/.exec(request) ?? [];
        let headers = method === 'OPTIONS' ? 'Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n' : '';
        let body = '';
        if (method === 'DESCRIBE') {
          body = description;
          headers = `Content-Type: application/sdp\r\nContent-Base: ${url}/\r\nContent-Length: ${body.length}\r\n`;
        }
        if (method === 'SETUP') {
          const channel = Number(/interleaved=(\d+)/.exec(request)?.[1] ?? 0);
          channels[url.split('/').at(-1)] = channel;
          headers = `Session: 1;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}\r\n`;
        }
        const answer = `RTSP/1.0 200 OK\r\nCSeq: ${/CSeq: *(\d+)/i.exec(request)?.[1]}\r\n${headers}\r\n${body}`;
        setTimeout(() => {
          if (socket.destroyed) return;
          socket.write(answer);
          // Media before the answer would be dropped.
          if (method === 'PLAY') play(socket, channels);
        }, method === 'DESCRIBE' ? describe_after * 1000 : 0);
      }
    });
  });
  return `rtsp://127.0.0.1:${port}/camera`;
}

// Raw H.264 over TCP, `rate` pictures a second whatever the stream says.
export async function start_raw_h264(t, path, rate) {
  const delimiter = Buffer.from('0000000109f0', 'hex');
  const start = Buffer.from('00000001', 'hex');
  const units = access_units(path).map((unit) => Buffer.concat([delimiter, ...unit.flatMap((nal) => [start, nal])]));
  const { port } = await start_tcp_server(t, (socket) => in_time(socket, rate, (n) => socket.write(units[n % units.length])));
  return `tcp://127.0.0.1:${port}`;
}

// MJPEG over HTTP, `rate` pictures a second; `path` is a file of JPEG pictures one after the other.
export async function start_mjpeg(t, path, rate) {
  const bytes = readFileSync(path);
  const pictures = [];
  for (let at = 0; at >= 0 && at < bytes.length;) {
    const next = bytes.indexOf('ffd8ff', at + 3, 'hex');
    pictures.push(bytes.subarray(at, next < 0 ? bytes.length : next));
    at = next;
  }
  const camera = await start_http(t, (request, response) => {
    response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace; boundary=picture' });
    in_time(response, rate, (n) => {
      const picture = pictures[n % pictures.length];
      response.write(`--picture\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`);
      response.write(picture);
      response.write('\r\n');
    });
  });
  return `${camera.url}/video.mjpg`;
}
