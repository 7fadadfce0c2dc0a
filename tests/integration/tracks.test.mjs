// Choice among the tracks, programmes and variants that real files and playlists bring, and what is left out, in words.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { run } from '../lib/process.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { start_http } from '../lib/sources.mjs';

const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '15', '-pix_fmt', 'yuv420p'];
const picture = (size, seconds = 8) => ['-f', 'lavfi', '-t', String(seconds), '-i', `testsrc2=size=${size}:rate=15`];
const sound = (rate = 48000, seconds = 8) => ['-f', 'lavfi', '-t', String(seconds), '-i', `sine=frequency=440:sample_rate=${rate}`];

async function ffmpeg(...args) {
  const made = await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]);
  assert.equal(made.code, 0, made.stderr);
}

// Plays for `seconds`; what /stats says of the source.
async function plays(t, source, env = {}, seconds = 2) {
  const server = await start_server(t, { env: { VIDEO_FILE: source, VIDEO_PRESET: 'ultrafast', ...env }, ready: false });
  await server.wait_running(25);
  await open_stream(t, server).media(seconds, 25);
  const stats = await server.stats();
  assert.equal(stats.source.state, 'running', server.stderr);
  return { ...stats.source, notes: stats.source.notes.join('\n') };
}

// The paths of `folder`, and how often each was asked for.
async function serve(t, folder) {
  const web = await start_http(t, (request, response) => {
    try {
      response.end(readFileSync(join(folder, request.url.split('?')[0])));
    } catch {
      response.writeHead(404).end();
    }
  });
  return { url: web.url, count: (pattern) => web.requests.filter(({ url }) => pattern.test(url)).length };
}

async function variants(t) {
  const folder = temporary_directory(t);
  for (const [name, size] of [['low', '160x90'], ['middle', '320x180'], ['high', '640x360']]) {
    await ffmpeg(...picture(size, 40), ...x264, '-f', 'hls', '-hls_time', '1', '-hls_list_size', '0', '-hls_playlist_type', 'vod', join(folder, `${name}.m3u8`));
  }
  await ffmpeg(...sound(48000, 40), '-c:a', 'aac', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '0', '-hls_playlist_type', 'vod', join(folder, 'sound.m3u8'));
  const list = [['low', 200000, '160x90'], ['high', 2000000, '640x360'], ['middle', 800000, '320x180']];
  writeFileSync(join(folder, 'master.m3u8'), `#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",LANGUAGE="de",DEFAULT=YES,URI="sound.m3u8"\n${
    list.map(([name, rate, size]) => `#EXT-X-STREAM-INF:BANDWIDTH=${rate},RESOLUTION=${size},AUDIO="a"\n${name}.m3u8\n`).join('')}`);
  return folder;
}

test('HLS variants', { concurrency: 3 }, async (t) => {
  const folder = await variants(t);
  await Promise.all([
    ['the best that fits VIDEO_RESOLUTION', { VIDEO_RESOLUTION: '320x180' }, 'middle'],
    ['the best without a limit', {}, 'high'],
    ['VIDEO_VARIANT chooses', { VIDEO_VARIANT: 'lowest' }, 'low'],
  ].map(([name, env, chosen]) => t.test(name, async (t) => {
    const web = await serve(t, folder);
    const { notes } = await plays(t, `${web.url}/master.m3u8`, env, 12);
    const asked = Object.fromEntries(['low', 'middle', 'high', 'sound'].map((of) => [of, web.count(new RegExp(`^/${of}\\d+\\.ts`))]));
    // The description of the source reads the first segments of all variants.
    for (const other of ['low', 'middle', 'high']) {
      if (other !== chosen) assert.ok(asked[other] <= 6 && asked[other] < asked[chosen], `${name}: ${JSON.stringify(asked)}`);
    }
    assert.ok(asked.sound >= 8, JSON.stringify(asked));
    assert.match(notes, /VIDEO_VARIANT chooses/);
    assert.doesNotMatch(notes, /sound .* left out/);
  })));
});

test('DASH representations', async (t) => {
  const folder = temporary_directory(t);
  await ffmpeg(...picture('160x90', 20), ...picture('640x360', 20), ...sound(48000, 20), '-map', '0', '-map', '1', '-map', '2', ...x264, '-c:a', 'aac',
    '-f', 'dash', '-seg_duration', '1', '-adaptation_sets', 'id=0,streams=0,1 id=1,streams=2', join(folder, 'live.mpd'));
  const web = await serve(t, folder);
  const { notes } = await plays(t, `${web.url}/live.mpd`, { VIDEO_RESOLUTION: '320x180' }, 6);
  assert.match(notes, /640x360.* left out: VIDEO_VARIANT chooses/);
  assert.ok(web.count(/chunk-stream0/) > web.count(/chunk-stream1/));
});
