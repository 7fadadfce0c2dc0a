// A source that fails as it is told: an HTTP server on loopback that sends MPEG-TS, fed in real time by ffmpeg (`-c copy`
// of small clips). `mode` is its behaviour towards the next client and the connected ones.
import { spawn } from 'node:child_process';
import { randomBytes, randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { change_payloads, change_stamp, packet_size, pes_header_size, pids, without } from '../lib/mpegts.mjs';
import { clip } from './clips.mjs';

// Bytes that may wait for a client that does not read (a stopped ffmpeg); further packets are left out.
const backlog_limit = 4 << 20;
// An address of the link that a source may not lead to.
const forbidden = '169.254.169.254';

// Starts an ffmpeg that loops a clip in real time; `on_packets` gets whole packets.
class Feeder {
  #rest = Buffer.alloc(0);

  constructor(path, offset_seconds, on_packets) {
    this.child = spawn('ffmpeg', ['-nostdin', '-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', path, '-c', 'copy',
      ...(offset_seconds ? ['-output_ts_offset', String(offset_seconds)] : []), '-muxdelay', '0', '-f', 'mpegts', 'pipe:1'], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.child.stdout.on('data', (bytes) => {
      const all = Buffer.concat([this.#rest, bytes]);
      const whole = all.length - (all.length % packet_size);
      this.#rest = Buffer.from(all.subarray(whole));
      if (whole) on_packets(all.subarray(0, whole));
    });
  }
  stop() {
    this.child.kill('SIGKILL');
  }
}

export class Source {
  mode = 'normal';
  #feeder = null;
  #clients = new Set();
  #listener = null;
  #file = null;
  #slow_from = null;
  port = 0;
  // Clients that have been answered.
  answered = 0;

  async start() {
    await this.play('a');
    await this.listen();
    return this;
  }
  // A clip ('a', 'b' of another size, 'c' of another codec), its times moved by `offset_seconds`.
  async play(name, offset_seconds = 0) {
    const path = await clip(name);
    this.#feeder?.stop();
    this.#feeder = new Feeder(path, offset_seconds, (packets) => this.#send(packets));
  }
  // The next clients get this clip at once and whole, without its length, instead of the live stream.
  async serve_file(name) {
    this.#file = readFileSync(await clip(name, 'ts'));
    this.mode = 'file';
  }
  listen() {
    return new Promise((resolve, reject) => {
      this.#listener = net.createServer((socket) => this.#accept(socket));
      this.#listener.on('error', reject);
      this.#listener.listen(this.port, '127.0.0.1', () => {
        this.port = this.#listener.address().port;
        resolve();
      });
    });
  }
  // Stops listening: connections are refused.
  refuse() {
    this.#listener.close();
    this.reset_clients();
  }
  reset_clients() {
    for (const socket of this.#clients) socket.resetAndDestroy();
  }
  end_clients() {
    for (const socket of this.#clients) socket.end();
  }
  get clients() {
    return this.#clients.size;
  }
  stop() {
    this.#feeder?.stop();
    this.#listener?.close();
    this.reset_clients();
  }

  #accept(socket) {
    this.#clients.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#clients.delete(socket));
    socket.once('data', () => this.#answer(socket));
  }
  #answer(socket) {
    if (/^\d{3}$/.test(this.mode)) {
      const more = this.mode === '401' ? 'WWW-Authenticate: Basic realm="camera"\r\n' : '';
      return socket.end(`HTTP/1.1 ${this.mode} No\r\n${more}Content-Length: 0\r\nConnection: close\r\n\r\n`);
    }
    if (this.mode === 'mute') return;
    if (this.mode === 'forbidden') return socket.end(`HTTP/1.1 302 Found\r\nLocation: http://${forbidden}/live.ts\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    setTimeout(() => this.#play_to(socket), this.mode === 'late' ? 4000 : 0);
  }
  #play_to(socket) {
    if (socket.destroyed) return;
    ++this.answered;
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n');
    if (this.mode === 'file') return socket.end(this.#file);
    socket.playing = true;
    if (this.mode === 'hangs-up') setTimeout(() => socket.end(), 1000);
  }
  #send(packets) {
    const bytes = this.#bend(packets);
    if (!bytes.length) return;
    for (const socket of this.#clients) {
      if (socket.playing && socket.writableLength < backlog_limit) socket.write(bytes);
    }
  }
  // The packets after the mode's change.
  #bend(packets) {
    switch (this.mode) {
      case 'silent': return Buffer.alloc(0);
      case 'garbage': return randomBytes(packets.length);
      case 'no-audio': return without(packets, pids.audio);
      case 'no-video': return without(packets, pids.video);
      case 'noise': return with_noise(packets);
      case 'no-codec': return change_payloads(packets, pids.audio, (payload, begins) => randomFillSync(payload.subarray(begins ? pes_header_size : 0)));
      case 'slow-sound': return this.#with_slow_sound(packets);
      default: return packets;
    }
  }
  // The sound's stamps advance nine seconds in ten.
  #with_slow_sound(packets) {
    return change_payloads(packets, pids.audio, (payload, begins) => {
      if (begins) change_stamp(payload, (stamp) => (this.#slow_from ??= stamp) + (stamp - this.#slow_from) * 0.9);
    });
  }
}

// Puts wrong bytes behind the header of every twentieth packet.
function with_noise(packets) {
  const bent = Buffer.from(packets);
  for (let at = 0; at < bent.length; at += packet_size) {
    if (Math.random() < 0.05) randomBytes(40).copy(bent, at + 60);
  }
  return bent;
}
