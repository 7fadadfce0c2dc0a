// The page in Firefox and WebKitGTK: it plays, stays live and recovers by itself.
import assert from 'node:assert/strict';
import test from 'node:test';
import { open_in_firefox } from '../lib/firefox.mjs';
import { goes_live, mark, player_state } from '../lib/player.mjs';
import { start_server } from '../lib/server.mjs';
import { start_tcp_proxy } from '../lib/tcp_proxy.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { open_in_webkit } from '../lib/webkit.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };

async function stays_live(page, seconds) {
  const before = await player_state(page);
  await sleep(seconds * 1000);
  const after = await player_state(page);
  assert.ok(after.time - before.time > seconds * 0.8, `${before.time} to ${after.time}`);
  assert.ok(after.behind < 1, `${after.behind} s behind`);
  assert.ok(after.frames - before.frames > seconds * 8, `${after.frames - before.frames} frames`);
  return after;
}

for (const open of [open_in_firefox, open_in_webkit]) {
  const browser = open.name.replace('open_in_', '');
  for (const muted of [1, 0]) {
    test(`${browser}, ${muted ? 'muted' : 'with sound'}: plays and stays live`, async (t) => {
      const server = await start_server(t, { env });
      const page = await open(t, `${server.url}/?muted=${muted}`);
      await goes_live(page, { seconds: 30, behind: 1 });
      await stays_live(page, 3);
      const { codecs, stalls } = await stays_live(page, 10);
      assert.equal(/mp4a/.test(codecs), !muted);
      t.diagnostic(`${page.name}: ${codecs}, ${stalls} stalls`);
    });
  }

  test(`${browser}: is live again after ffmpeg was killed, the server restarted and the network cut`, async (t) => {
    const server = await start_server(t, { env });
    const proxy = await start_tcp_proxy(t, server.port);
    const page = await open(t, `${proxy.url}/?muted=1`);
    await goes_live(page, { seconds: 30, behind: 1 });
    await mark(page);
    const { pid } = server.ffmpeg();
    process.kill(pid, 'SIGKILL');
    await until('another ffmpeg', () => server.ffmpeg() && server.ffmpeg().pid !== pid);
    await server.wait_running();
    await goes_live(page, { behind: 1 });
    proxy.cut();
    await sleep(1000);
    proxy.heal();
    await goes_live(page, { behind: 1 });
    await server.stop();
    await until('the page says so', async () => /unreachable/.test((await player_state(page)).words));
    proxy.target = (await start_server(t, { env })).port;
    await goes_live(page, { behind: 1 });
    assert.equal((await stays_live(page, 3)).mark, 'the same document');
  });
}
