// Programs other than browsers that play a stream, and what each says about it. Each plays for some seconds and then is
// stopped: {sizes, sound_s, errors, late}. `sizes` are those of the pictures that were decoded, in their order; `sound_s`
// seconds of sound that were given out; `late` buffers that came too late; `apart_s` is how far picture and sound were
// apart at most, where the program says it.
import { spawn } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporary_directory } from './server.mjs';
import { sleep } from './wait.mjs';

const in_order = (list) => list.filter((item, index) => item !== list[index - 1]);
const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);
// Errors of a decoder, but not those about missing displays and sound cards.
const troubles = /error while decoding|non-existing PPS|Invalid NAL|decode_slice_header|no frame!|missing picture|concealing|Could not decode/i;
const errors_in = (text) => text.split(/[\r\n]+/).filter((line) => troubles.test(line));

// Runs a program for `seconds`, then sends `at_end` to it, or SIGINT. VLC refuses to run as root.
async function play(t, program, args, seconds, at_end = []) {
  const home = temporary_directory(t);
  chmodSync(home, 0o777);
  const user = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
  const child = spawn(program, args(home), { cwd: home, env: { PATH: process.env.PATH, HOME: home, SDL_VIDEODRIVER: 'dummy', SDL_AUDIODRIVER: 'dummy' }, stdio: ['pipe', 'pipe', 'pipe'], ...user });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { text += bytes; });
  child.stdin.on('error', () => {});
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  await Promise.race([ended, sleep(seconds * 1000)]);
  for (const line of at_end) {
    child.stdin.write(`${line}\n`);
    await sleep(300);
  }
  if (!at_end.length) child.kill('SIGINT');
  const kill = setTimeout(() => child.kill('SIGKILL'), 3000);
  await ended;
  clearTimeout(kill);
  return { text, home, errors: errors_in(text) };
}

const sound_file = (home) => join(home, 'sound.pcm');
const stereo_bytes_per_s = 44100 * 2 * 2;
const seconds_in = (home) => statSync(sound_file(home), { throwIfNoEntry: false })?.size / stereo_bytes_per_s || 0;

export const players = {
  async ffmpeg(t, url, seconds) {
    const { text, home, errors } = await play(t, 'ffmpeg', (home) => ['-nostdin', '-hide_banner', '-i', url, '-map', '0:v', '-vf', 'showinfo', '-f', 'null', '-',
      '-map', '0:a', '-f', 's16le', sound_file(home)], seconds);
    return { sizes: in_order(all(text, / s:(\d+x\d+) /g)), sound_s: seconds_in(home), errors };
  },

  async ffplay(t, url, seconds) {
    const { text, errors } = await play(t, 'ffplay', () => ['-hide_banner', '-stats', '-vf', 'showinfo', url], seconds);
    const apart = all(text, /A-V:\s*(-?[\d.]+)/g).slice(-20).map(Number).map(Math.abs);
    return { sizes: in_order(all(text, / s:(\d+x\d+) /g)), sound_s: apart.length ? seconds : 0, errors, apart_s: Math.max(...apart) };
  },

  async mpv(t, url, seconds) {
    const { text, errors } = await play(t, 'mpv', () => ['--no-config', '--vo=null', '--ao=null', '--msg-level=all=v', '--term-status-msg=STATUS ${=avsync} ${=audio-pts}', url], seconds);
    const status = [...text.matchAll(/STATUS\s+(-?[\d.]+) ([\d.]+)/g)].map((match) => match.slice(1).map(Number));
    return {
      sizes: in_order(all(text, /VO: \[null\] (\d+x\d+)/g)), errors,
      sound_s: status.length ? status.at(-1)[1] - status[0][1] : 0, apart_s: Math.max(...status.slice(-20).map(([apart]) => Math.abs(apart))),
    };
  },

  async vlc(t, url, seconds) {
    const { text, home, errors } = await play(t, 'vlc', (home) => ['-I', 'oldrc', '--rc-fake-tty', '--vout', 'vdummy', '--aout', 'afile', '--audiofile-file', sound_file(home), '--no-audiofile-wav',
      '--network-caching', '500', '-v', url], seconds, ['info', 'stats', 'quit']);
    const count = (what) => Number(text.match(new RegExp(`${what}\\s*:\\s*(\\d+)`))?.[1] ?? NaN);
    return {
      sizes: in_order(all(text, /Video resolution: (\d+x\d+)/g)), errors, sound_s: seconds_in(home),
      late: text.split('buffer too late').length - 1 + count('buffers lost'), frames: count('frames displayed'), lost: count('frames lost'),
    };
  },

  async gstreamer(t, url, seconds) {
    const { text, home, errors } = await play(t, 'gst-launch-1.0', (home) => ['-e', '-v', 'souphttpsrc', `location=${url}`, 'is-live=true', '!', 'qtdemux', 'name=d',
      'd.video_0', '!', 'queue', '!', 'h264parse', '!', 'avdec_h264', 'name=picture', '!', 'fakesink', 'sync=true',
      'd.audio_0', '!', 'queue', '!', 'aacparse', '!', 'avdec_aac', '!', 'audioconvert', '!', 'audio/x-raw,format=S16LE', '!', 'filesink', `location=${sound_file(home)}`], seconds);
    const sizes = [...text.matchAll(/picture\.GstPad:src: caps = .*?width=\(int\)(\d+), height=\(int\)(\d+)/g)].map((match) => `${match[1]}x${match[2]}`);
    return { sizes: in_order(sizes), sound_s: seconds_in(home), errors };
  },
};
