// Sources that come in segments, HLS and DASH alike: a segment's length between two bursts is not a pause.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { open_stream } from '../lib/http.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { start_ffmpeg, start_http } from '../lib/sources.mjs';
import { until } from '../lib/wait.mjs';

const muxer = {
  dash: (seconds) => ['-f', 'dash', '-seg_duration', `${seconds}`, '-window_size', '5', '-extra_window_size', '5', '-use_timeline', '1', '-use_template', '1'],
  hls: (seconds) => ['-f', 'hls', '-hls_time', `${seconds}`, '-hls_list_size', '5', '-hls_flags', 'delete_segments+omit_endlist'],
};

// A live encoder whose segments are served over HTTP. The address of the playlist.
async function live(t, kind, seconds) {
  const folder = temporary_directory(t);
  const name = kind === 'dash' ? 'live.mpd' : 'live.m3u8';
  start_ffmpeg(t, ['-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25', '-re', '-f', 'lavfi', '-i', 'sine=440', '-c:v', 'libx264', '-preset', 'ultrafast',
    '-g', '25', '-c:a', 'aac', ...muxer[kind](seconds), join(folder, name)]);
  const source = await start_http(t, async (request, response) => {
    const body = await readFile(join(folder, request.url)).catch(() => undefined);
    response.writeHead(body ? 200 : 404).end(body);
  });
  await until('the playlist is there', () => readFile(join(folder, name)).then(() => true, () => false), { seconds: 15 + seconds });
  return `${source.url}/${name}`;
}

// They wait most of their time, so 3 run at once.
describe('live segments', { concurrency: 3 }, () => {
  for (const [kind, seconds] of [['dash', 2], ['dash', 6], ['hls', 6]]) {
    test(`live ${kind} with segments of ${seconds} s plays without a slate, a warning or a restart`, async (t) => {
      const server = await start_server(t, { env: { VIDEO_FILE: await live(t, kind, seconds) }, ready: false });
      await server.wait_running(40);
      const viewer = open_stream(t, server);
      const seen = new Set();
      const end = Date.now() + 6000 + 2 * seconds * 1000;
      await until('three segments have passed', async () => {
        const { source } = await server.stats();
        seen.add(`${source.state}, ${source.restarts} restarts, warning ${source.warning}`);
        return Date.now() > end;
      }, { seconds: 30 });
      assert.deepEqual([...seen], ['running, 0 restarts, warning null']);
      assert.deepEqual(viewer.checker.gaps(1), []);
      assert.equal(viewer.checker.inits.length, 1, 'a slate would have one of its own');
    });
  }
});
