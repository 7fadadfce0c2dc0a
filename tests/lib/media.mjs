// Test clips, made by ffmpeg when first asked for and kept under build/media (named after their recipe, so that a changed
// recipe makes a new file).
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.mjs';

const cache = process.env.LIVESTREAM_MEDIA ?? new URL('../../build/media', import.meta.url).pathname;

const picture = (size, rate = 30, seconds = 4) => ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`];
const noise = (size, seconds) => ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30:duration=${seconds},noise=alls=30:allf=t`];
const tone = (seconds = 4) => ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`];
const x264 = (...more) => ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...more];
const aac = ['-c:a', 'aac', '-b:a', '128k', '-ac', '2'];
// Accepted by VIDEO_CODEC=copy: no B-frames, a profile that browsers play, a keyframe each second.
const copyable = ['-bf', '0', '-g', '30', '-keyint_min', '30', '-sc_threshold', '0'];

const recipes = {
  // The everyday file: picture with B-frames, stereo sound.
  'clip.mp4': [...picture('640x360'), ...tone(), ...x264('-bf', '2', '-preset', 'veryfast', '-g', '60'), ...aac],
  'hd.mp4': [...picture('1280x720', 30, 10), ...tone(10), ...x264('-g', '60'), ...aac],
  'copyable.mp4': [...picture('640x360'), ...tone(), ...x264(...copyable, '-profile:v', 'main'), ...aac],
  // Longer than a test, so that one process reads it for all of its time.
  'long.mp4': ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=15:duration=120', ...x264(...copyable, '-g', '15', '-profile:v', 'main')],
  // As from a camera; many of it play at once.
  '10fps.mp4': [...picture('640x360', 10), ...x264('-bf', '0', '-g', '10', '-keyint_min', '10', '-sc_threshold', '0', '-profile:v', 'main')],
  '8mbit.mp4': [...noise('1280x720', 10), ...tone(10), ...x264(...copyable, '-profile:v', 'main', '-b:v', '8M', '-minrate', '8M', '-maxrate', '8M', '-bufsize', '4M', '-x264-params', 'nal-hrd=cbr:filler=1'), ...aac],
  '2mbit.mp4': [...noise('640x360', 10), ...tone(10), ...x264(...copyable, '-profile:v', 'main', '-b:v', '1870k', '-minrate', '1870k', '-maxrate', '1870k', '-bufsize', '1M', '-x264-params', 'nal-hrd=cbr:filler=1'), ...aac],
  'bframes.mp4': [...picture('640x360'), ...tone(), ...x264('-preset', 'veryfast', '-bf', '2', '-g', '30'), ...aac],
  'no-audio.mp4': [...picture('640x360'), ...x264()],
  'audio-only.m4a': [...tone(), ...aac],
  'odd.mkv': ['-f', 'lavfi', '-i', 'testsrc=size=853x479:rate=30:duration=4', ...tone(), '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv444p', ...aac],
  'tiny.mkv': [...picture('6x6'), '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
  'ten-bit.mp4': [...picture('640x360'), ...tone(), '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le', ...aac],
  'hevc.mp4': [...picture('640x360'), ...tone(), '-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-x265-params', 'log-level=error', '-tag:v', 'hvc1', ...aac],
  'interlaced.ts': ['-f', 'lavfi', '-i', 'testsrc2=size=720x576:rate=50:duration=4,tinterlace=interleave_top,setfield=tff', ...tone(), ...x264('-flags', '+ildct+ilme', '-bf', '0', '-g', '25', '-aspect', '16:9'), ...aac],
  // A variable frame rate: frames are missing in an irregular pattern.
  'vfr.mkv': ['-f', 'lavfi', '-i', "testsrc2=size=640x360:rate=30:duration=4,select='not(mod(n\\,7))+not(mod(n\\,5))+gt(n\\,80)'", ...tone(), '-fps_mode', 'vfr', ...x264(), ...aac],
  '8k.mp4': [...picture('7680x4320', 30, 1), ...x264('-g', '15')],
  'pcm.mkv': [...picture('640x360'), ...tone(), ...x264(...copyable), '-c:a', 'pcm_s16le'],
};
// Made from another clip.
const derived = {
  // A phone's portrait recording: the picture lies on its side and a display matrix turns it.
  'rotated.mp4': ['clip.mp4', ['-c', 'copy', '-metadata:s:v', 'rotate=90']],
};

// The path of the clip `name`. Tests that run side by side may ask for the same one.
const asked = new Map();
export function clip(name) {
  if (!asked.has(name)) asked.set(name, make_clip(name));
  return asked.get(name);
}

async function make_clip(name) {
  const base = derived[name];
  const input = base ? ['-i', await clip(base[0]), ...base[1]] : recipes[name];
  if (!input) throw new Error(`no recipe for ${name}`);
  const hash = createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 8);
  const path = join(cache, name.replace(/(\.\w+)$/, `-${hash}$1`));
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const unfinished = join(cache, `${process.pid}-${name}`);
  const made = await run('ffmpeg', ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', ...input, unfinished]);
  if (made.code !== 0) throw new Error(`could not make ${name}: ${made.stderr}`);
  renameSync(unfinished, path);
  return path;
}

// Decodes `file` strictly from its first byte: the first error of any kind fails it. Returns the frames decoded.
export async function decode_strictly(file, { kind = 'v' } = {}) {
  const decoded = await run('ffmpeg', ['-nostdin', '-hide_banner', '-loglevel', 'warning', '-xerror', '-err_detect', 'explode', '-i', file,
    '-map', `0:${kind}?`, '-map', '0:a?', '-f', 'null', '-progress', 'pipe:1', '-nostats', '-']);
  if (decoded.code !== 0) throw new Error(`does not decode: ${decoded.stderr.slice(0, 1500)}`);
  return { frames: Number([...decoded.stdout.toString().matchAll(/^frame=(\d+)/gm)].pop()?.[1] ?? 0), warnings: decoded.stderr };
}

// Mean brightness of the picture `seconds` into `file`.
export async function brightness(file, seconds) {
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', file, '-ss', String(seconds), '-frames:v', '1', '-vf', 'format=gray', '-f', 'rawvideo', '-']);
  return stdout.reduce((sum, value) => sum + value, 0) / stdout.length;
}

// ffprobe's view of a file.
export async function probe(file, ...more) {
  const probed = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', '-show_format', ...more, file]);
  if (probed.code !== 0) throw new Error(`ffprobe: ${probed.stderr}`);
  return JSON.parse(probed.stdout);
}
