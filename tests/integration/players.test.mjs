// Players other than browsers, each the real program: they decode picture and sound, keep them together, and play on
// when the source changes its size. With LIVESTREAM_TEST_ALL each plays for longer, directly and behind a proxy.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { players } from '../lib/players.mjs';
import { run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { start_nginx } from '../lib/sources.mjs';

const all = Boolean(process.env.LIVESTREAM_TEST_ALL);
const seconds = all ? 30 : 11;
const shapes = ['640x360', '320x240', '480x270'];
// Time to find out what comes, and to fill buffers.
const start_s = 4;

// A recording whose pictures change their size every three seconds.
async function changing_recording(t) {
  const folder = temporary_directory(t);
  const path = join(folder, 'changing.ts');
  for (const shape of shapes) {
    const part = join(folder, 'part.ts');
    const made = await run('ffmpeg', ['-nostdin', '-y', '-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${shape}:rate=30:duration=3`, '-f', 'lavfi', '-i', 'sine=440:duration=3:r=44100',
      '-c:a', 'aac', '-ac', '2', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30', '-f', 'mpegts', part]);
    assert.equal(made.code, 0, made.stderr);
    appendFileSync(path, readFileSync(part));
  }
  return path;
}

function check(name, seen) {
  const told = JSON.stringify(seen);
  assert.deepEqual(seen.errors, [], told);
  assert.ok(seen.sound_s > seconds - start_s, `sound: ${told}`);
  assert.ok(!(seen.late > 0), `late: ${told}`);
  assert.ok(!(seen.apart_s > 0.1), `lip sync: ${told}`);
  if (name === 'vlc') {
    // It tells the last size only.
    assert.equal(seen.sizes.length, 1, told);
    assert.ok(seen.frames > 20 * (seconds - start_s) && seen.lost < 15, told);
    return;
  }
  // Each joins somewhere in the recording, which is played in a circle.
  assert.ok(new Set(seen.sizes).size === shapes.length && seen.sizes.every((size) => shapes.includes(size)), told);
}

test('other players play on through changes of size', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: await changing_recording(t) } });
  // It would compress what it may, and hold it back.
  const proxy = await start_nginx(t, `location / { proxy_pass ${server.url}; proxy_http_version 1.1; gzip on; gzip_min_length 1; gzip_proxied any; gzip_types video/mp4; }`);
  const ways = { direct: `${server.url}/stream`, 'behind a proxy': `${proxy.url}/stream` };
  const short = [['ffmpeg', 'direct'], ['mpv', 'direct'], ['vlc', 'behind a proxy'], ['gstreamer', 'behind a proxy']];
  const chosen = all ? Object.keys(players).flatMap((name) => Object.keys(ways).map((way) => [name, way])) : short;
  // They wait most of their time, so all run at once.
  await Promise.all(chosen.map(([name, way]) => t.test(`${name}, ${way}`, async (t) => check(name, await players[name](t, ways[way], seconds)))));
});
