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
  return { notes: stats.source.notes.join('\n'), kinds: stats.stream.tracks.map(({ kind }) => kind).join() };
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

test('files with many tracks', { concurrency: 4 }, async (t) => {
  const folder = temporary_directory(t);
  const path = (name) => join(folder, name);
  writeFileSync(path('s.srt'), '1\n00:00:00,000 --> 00:00:07,000\nHello\n');
  writeFileSync(path('a.txt'), 'attached');
  await ffmpeg('-f', 'lavfi', '-i', 'color=red:size=64x64', '-frames:v', '1', path('cover.png'));
  await ffmpeg(...picture('160x90'), ...picture('320x180'), ...sound(), ...sound(), '-map', '0', '-map', '1', '-map', '2', '-map', '3', ...x264, '-c:a', 'aac',
    '-metadata:s:a:0', 'language=ger', '-metadata:s:a:1', 'language=eng', '-disposition:v:0', '0', '-disposition:v:1', 'default', path('two.mkv'));
  await ffmpeg(...picture('160x90'), ...picture('320x180'), ...sound(), '-map', '0', '-map', '1', '-map', '2', ...x264, '-c:a', 'aac',
    '-program', 'title=a:st=0', '-program', 'title=b:st=1:st=2', '-f', 'mpegts', path('programmes.ts'));
  await ffmpeg(...picture('160x90'), '-i', path('s.srt'), '-map', '0', '-map', '1', ...x264, '-c:s', 'srt', '-attach', path('a.txt'), '-metadata:s:t', 'mimetype=text/plain', path('more.mkv'));
  await ffmpeg(...picture('160x90'), ...sound(), '-i', path('cover.png'), '-map', '0', '-map', '1', '-map', '2', ...x264, '-c:a', 'aac', '-c:v:1', 'png', '-disposition:v:1', 'attached_pic', '-timecode', '01:00:00:00', path('cover.mp4'));
  for (const rate of [8000, 96000, 192000]) await ffmpeg(...picture('160x90'), ...sound(rate), ...x264, '-c:a', 'pcm_s16le', path(`${rate}.mkv`));
  for (const channels of [9, 12]) {
    await ffmpeg(...picture('160x90'), '-f', 's16le', '-ar', '8000', '-ac', String(channels), '-t', '8', '-i', '/dev/zero',
      ...x264, '-c:a', 'pcm_s16le', path(`${channels}c.mkv`));
  }
  const odd = readFileSync(path('two.mkv')).toString('latin1').replaceAll('A_AAC', 'A_ODD');
  writeFileSync(path('odd.mkv'), Buffer.from(odd, 'latin1'));
  const subtitles = readFileSync(path('more.mkv')).toString('latin1').replaceAll('S_TEXT/UTF8', 'S_TEXT/WXYZ');
  writeFileSync(path('broken-subtitles.mkv'), Buffer.from(subtitles, 'latin1'));
  const silent = ['more.mkv', 'broken-subtitles.mkv', 'odd.mkv'];
  await Promise.all([
    ['the default track wins over the first', 'two.mkv', {}, /160x90\) is left out: VIDEO_TRACK chooses/],
    ['VIDEO_TRACK by index', 'two.mkv', { VIDEO_TRACK: '0' }, /320x180\) is left out: VIDEO_TRACK chooses/],
    ['AUDIO_TRACK by language', 'two.mkv', { AUDIO_TRACK: 'eng' }, /0:2 \(aac, ger\) is left out: AUDIO_TRACK chooses/],
    ['AUDIO_TRACK that is not there', 'two.mkv', { AUDIO_TRACK: 'fra' }, /no sound that is AUDIO_TRACK=fra: it has .*ger.*eng/],
    ['VIDEO_TRACK that is not there', 'two.mkv', { VIDEO_TRACK: '7' }, /no picture that is VIDEO_TRACK=7: it has .*160x90.*320x180/],
    ['picture and sound of the same programme', 'programmes.ts', {}, /160x90\) is left out/],
    ['subtitles and an attachment', 'more.mkv', {}, /1 subtitle track is left out[^]*1 attachment is left out/],
    ['broken subtitles', 'broken-subtitles.mkv', {}, /1 subtitle track is left out/],
    ['a cover picture and a timecode track', 'cover.mp4', {}, /2 data tracks are left out[^]*1 cover picture is left out/],
    ['sound of an unknown codec', 'odd.mkv', {}, /sound 0:2 .* is left out: its codec is not known/],
    ['sound of 8 kHz', '8000.mkv', {}, /^$/],
    ['sound of 96 kHz', '96000.mkv', {}, /^$/],
    ['sound of 192 kHz', '192000.mkv', {}, /^$/],
    ['sound of 9 channels', '9c.mkv', {}, /^$/],
    ['sound of 12 channels', '12c.mkv', {}, /^$/],
  ].map(([name, file, env, words]) => t.test(name, async (t) => {
    const { notes, kinds } = await plays(t, path(file), env);
    assert.match(notes, words);
    assert.equal(kinds, silent.includes(file) ? 'video' : 'video,audio');
  })));
});
