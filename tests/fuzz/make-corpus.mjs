#!/usr/bin/env node
// Writes the seeds in corpus/: small inputs of each kind that a target reads. The first byte of each is the target's choice
// (fuzz.h). Run again when a format gains a case; needs ffmpeg.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connections } from '../integration/hostile/connections.mjs';
import { fields } from '../integration/hostile/fields.mjs';
import { framing } from '../integration/hostile/framing.mjs';
import { request_lines } from '../integration/hostile/request-lines.mjs';

const root = new URL('corpus/', import.meta.url).pathname;
rmSync(root, { recursive: true, force: true });
const write = (target, name, bytes, choice = 128) => {
  mkdirSync(`${root}${target}`, { recursive: true });
  writeFileSync(`${root}${target}/${name}`, Buffer.concat([Buffer.from([choice]), Buffer.from(bytes)]));
};
const latin = (text) => Buffer.from(text, 'latin1');
const ffmpeg = (...args) => {
  const made = spawnSync('ffmpeg', ['-nostdin', '-loglevel', 'error', ...args, 'pipe:1'], { maxBuffer: 1 << 24 });
  if (made.status !== 0) throw new Error(String(made.stderr));
  return made.stdout;
};

// Pictures of 16 x 16 keep the seeds small.
const picture = ['-f', 'lavfi', '-i', 'color=gray:size=16x16:rate=10:duration=0.5'];
const tone = ['-f', 'lavfi', '-i', 'sine=sample_rate=44100:duration=0.2'];
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-g', '3', '-pix_fmt', 'yuv420p'];
const flv = ['-flvflags', 'no_duration_filesize', '-f', 'flv'];
const streams = {
  both: ffmpeg(...picture, ...tone, ...x264, '-c:a', 'aac', '-b:a', '16k', ...flv),
  video: ffmpeg(...picture, ...x264, ...flv),
  audio: ffmpeg(...tone, '-c:a', 'aac', '-b:a', '16k', ...flv),
  mp3: ffmpeg(...tone, '-c:a', 'libmp3lame', ...flv),
  bframes: ffmpeg(...picture, '-c:v', 'libx264', '-bf', '2', '-pix_fmt', 'yuv420p', ...flv),
};
for (const [name, bytes] of Object.entries(streams)) {
  write('flv', name, bytes);
  write('ingest', name, bytes, 255);
}
write('ingest', 'two-runs', Buffer.concat([streams.both, streams.both]), 127);
write('ingest', 'sound-then-picture', Buffer.concat([streams.audio, streams.both]), Math.round((255 * streams.audio.length) / (streams.audio.length + streams.both.length)));

const mp4 = ffmpeg(...picture, ...tone, ...x264, '-c:a', 'aac', '-b:a', '16k', '-movflags', 'frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4');
write('box', 'fragmented', mp4);
write('box', 'init', mp4.subarray(0, mp4.indexOf('moof') - 4));
write('box', 'large-size', latin('\0\0\0\x01mdat\0\0\0\0\0\0\0\x18payload!'));

const avcc = mp4.subarray(mp4.indexOf('avcC') + 4, mp4.indexOf('avcC') + 48);
write('codec', 'avcc', avcc, 2);
write('codec', 'sps', avcc.subarray(8, 40), 1);
for (const [name, hex] of Object.entries({ lc: '1210', he: '2b920800', 'he-v2': 'eb8a0800', explicit: '17800abb8000', lc960: '1214', channels: '11f0' })) write('codec', `asc-${name}`, Buffer.from(hex, 'hex'), 0);

const frame = (first, payload, length = 0x80 | payload.length) => latin(String.fromCharCode(first, length) + '\0\0\0\0' + payload);
for (const [name, bytes] of Object.entries({
  ping: frame(0x89, 'hello'), close: frame(0x88, '\x03\xe8bye'), text: frame(0x81, 'text'), 'close-1': frame(0x88, 'x'), fragmented: Buffer.concat([frame(0x01, 'a'), frame(0x89, 'p'), frame(0x80, 'b')]),
  unmasked: latin('\x81\x02hi'), reserved: frame(0xf1, 'x'), 'long-16': latin('\x82\xfe\x01\0\0\0\0\0' + 'x'.repeat(256)), 'long-64': latin('\x82\xff\0\0\0\0\0\x01\0\0\0\0\0\0'), 'opcode-3': frame(0x83, ''),
})) write('websocket', name, bytes);

const beacon = { viewer: 1, latency_ms: { p50: 120, p95: 180.5 }, buffer_ms: 90, rate: 1.02, dropped: 0, decoded: 300, stalls: 1, reconnects: 0, transport: 'fetch', state: 'playing' };
for (const [name, text] of Object.entries({ full: JSON.stringify(beacon), empty: '{}', nulls: '{"viewer":1,"rate":null,"latency_ms":{"p50":null}}', deep: '['.repeat(50), escape: '{"viewer":1,"state":"\\ud83d"}', number: '{"viewer":1,"rate":1e400}' })) write('beacon', name, latin(text));

const proxy_head = 'Proxy-Authorization: Basic Zzp4\r\nUser-Agent: x\r\nHost: h\r\n\r\n';
for (const [name, line] of Object.entries({ get: 'GET http://h/a.m3u8?b=c HTTP/1.1', port: 'GET http://h:8080/ HTTP/1.1', ipv6: 'GET http://[::1]:80/x HTTP/1.1', tunnel: 'CONNECT h:443 HTTP/1.1', password: 'GET http://u:p@h/ HTTP/1.0', bare: 'GET /x HTTP/1.1' })) write('proxy', name, latin(`${line}\r\n${proxy_head}`));

write('stderr', 'log', latin('[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from \'file:a.mp4\':\n[info]   Duration: 00:00:10.00, start: 0.000000, bitrate: 90 kb/s\n[info]   Stream #0:0(und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, top first), 640x360, 30 fps\n'
  + '[info]   Stream #0:1: Audio: aac (LC), 48000 Hz, stereo\n[info] Output #0, flv, to \'pipe:1\':\n[error] rtsp://admin:secret@camera/: Connection refused\r[fatal] x\n'));
write('stderr', 'progress', latin('frame=30\nfps=30\nbitrate= 100.1kbits/s\nout_time_us=1000000\nout_time_ms=1000000\ndup_frames=0\ndrop_frames=1\nspeed=   1x\nprogress=continue\n'));
write('stderr', 'errors', latin(['Connection refused', '401 Unauthorized', '404 Not Found', 'No such file or directory', 'Invalid data found when processing input', 'moov atom not found', 'Connection timed out', 'Unrecognized option \'x\'.', 'Broken pipe', 'Device or resource busy', 'Name or service not known', 'Cannot allocate memory'].map((text) => `[error] http://u:p@h/: ${text}\n`).join('')));
write('stderr', 'encoders', latin('ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026\nEncoders:\n ------\n V....D libx264              libx264 H.264\n A....D aac                  AAC (Advanced Audio Coding)\n'));

for (const [name, text] of Object.entries({ url: 'rtsp://admin:pa:ss@w0rd@10.0.0.1:554/a?token=x&b=c#f', quoted: 'from \'http://u:p@h/x\': failed', parameters: 'https://h/?password=a&api_key=b&X-Amz-Signature=c', none: 'nothing to hide @ home', ipv6: 'srt://u:p@[::1]:9/?passphrase=long', percent: 'http://u%40:p%3a@h/', blank: 'rtsp://u:p ass@h/' })) write('mask', name, latin(text));

// The choice is the place of the setting in the table, and the file comes last. Every choice gets each value, so that the
// number of settings does not matter.
const values = ['demo', 'rtsp://u:p@h/x', '30', '30000/1001', '0.5', '1280x720', '4M', '128k', 'libx264', 'baseline', '0.0.0.0', '::', 'fe80::1%eth0', '8000', '100', 'true', 'off', 'json', 'debug', '10.0.0.0/8,::1', 'https://example.org', 'none', '*'];
values.forEach((value, index) => write('config', `value-${index}`, latin(value), index));
write('config', 'network-with-nul', latin('::\0\n'), 22);
for (let choice = 20; choice < 48; ++choice) write('config', `file-${choice}`, latin('# x\nexport A=b\nB="c \\" d" # e\r\nC=\'d\'\n'), choice);

const files = {
  short: 'streams:\n  front: rtsp://camera/1\n  back: demo\n', empty: '', long: 'port: 9000\ndefaults: {video_crf: 20}\nstreams:\n  a:\n    source: "${A}"\n    title: \'x # y\'\n    enabled: no\n',
  list: 'trusted_proxies: [10.0.0.1, "::1"]\n', aliases: 'streams:\n  a: &a\n    source: demo\n  b:\n    <<: *a\n    video_crf: 20\n', stream: 'source: demo\nlinger: 2.5\n', twice: 'port: 1\nport: 2\n',
  bomb: 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n', block: 'streams:\n  a:\n    title: |\n      x\n', tag: 'port: !secret x\n', documents: '---\nport: 1\n---\n', tab: 'streams:\n\ta: demo\n', reference: 'host: ${A:-b}$$\n',
};
Object.entries(files).forEach(([name, text], index) => write('config_file', name, latin(text), name === 'stream' ? 1 : (index % 2) * 2));

const table = [...framing, ...request_lines, ...fields, ...connections].filter((row) => row.bytes.length < 400);
table.filter((row, index) => index % 5 === 0).forEach((row, index) => write('http', `row-${String(index).padStart(3, '0')}`, latin(row.bytes), (index * 37) % 256));
