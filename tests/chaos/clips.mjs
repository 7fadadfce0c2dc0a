// The clips that the chaos source plays. They are small, so that two cores can serve fifty viewers beside them.
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';

const cache = process.env.LIVESTREAM_MEDIA ?? new URL('../../build/media', import.meta.url).pathname;
export const clip_seconds = 8;
const picture = (size) => ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=15:duration=${clip_seconds}`];
const tone = ['-f', 'lavfi', '-i', `sine=frequency=330:sample_rate=44100:duration=${clip_seconds}`];
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '15'];
const aac = ['-c:a', 'aac', '-b:a', '64k', '-ac', '2'];
const recipes = {
  a: [...picture('160x90'), ...tone, ...x264, ...aac],
  b: [...picture('192x112'), ...tone, ...x264, ...aac],
  c: [...picture('160x90'), ...tone, '-c:v', 'mpeg2video', '-b:v', '400k', '-g', '15', '-c:a', 'mp2', '-b:a', '64k'],
  // Sound that begins three seconds late in each loop.
  d: [...picture('160x90'), ...tone, '-filter_complex', '[1:a]atrim=start=3[a]', '-map', '0:v', '-map', '[a]', ...x264, ...aac],
};

// The path of a clip, made once; `ext` is also its container.
export async function clip(name, ext = 'mkv') {
  const path = join(cache, `chaos-${name}-1.${ext}`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const unfinished = join(cache, `${process.pid}-chaos-${name}.${ext}`);
  const made = await run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...recipes[name], unfinished]);
  if (made.code !== 0) throw new Error(made.stderr);
  renameSync(unfinished, path);
  return path;
}
