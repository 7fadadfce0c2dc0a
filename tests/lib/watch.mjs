// Watches one source for a while as a viewer does and measures what it gives: for tests that run many sources side by side.
import assert from 'node:assert/strict';
import { open_stream } from './http.mjs';
import { start_server } from './server.mjs';
import { sleep, until } from './wait.mjs';

// Media seconds per second of the clock of one kind, from the fourth second on; nothing for less than two fragments.
function speed_of(viewer, kind) {
  const settled = viewer.checker.of(kind).filter((fragment) => fragment.at > viewer.opened_at + 3500);
  if (settled.length < 2) return null;
  const media = settled.at(-1).start_s - settled[0].start_s;
  return media / ((settled.at(-1).at - settled[0].at) / 1000);
}

// The longest time in seconds without a fragment of this kind, from the second second to the end of watching.
function longest_pause(viewer, kind, ended_at) {
  const times = viewer.checker.of(kind).map((fragment) => fragment.at).filter((at) => at > viewer.opened_at + 1500);
  return Math.max(...times.concat(ended_at).map((at, index) => at - (times[index - 1] ?? viewer.opened_at + 1500))) / 1000;
}

// Serves `source` and watches it for `seconds` from its first fragment on: {server, viewer, stats, states, slates, speed(kind),
// pause(kind)}. `states` are those that /stats showed from then on.
export async function watch(t, source, { seconds = 10, env = {}, wait = 30 } = {}) {
  const server = await start_server(t, { env: { VIDEO_RESOLUTION: '320x180', VIDEO_FILE: source, ...env }, ready: false });
  await server.wait_running(wait);
  // A slate may stand in until the first picture comes.
  const slates_before = server.stderr.match(/slate begins/g)?.length ?? 0;
  const viewer = open_stream(t, server);
  await viewer.until('a picture', () => viewer.checker.fragments.length > 0);
  await until('the source runs', async () => (await server.stats()).source.state === 'running', { seconds: 2 });
  // Each worker's text of /stats may be a quarter of a second old.
  await sleep(300);
  const states = new Set();
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    states.add((await server.stats()).source.state);
    if (viewer.error) throw viewer.error;
    await sleep(250);
  }
  const ended_at = Date.now();
  const stats = await server.stats();
  return {
    server, viewer, stats, states: [...states],
    slates: (server.stderr.match(/slate begins/g)?.length ?? 0) - slates_before,
    speed: (kind) => speed_of(viewer, kind),
    pause: (kind) => longest_pause(viewer, kind, ended_at),
  };
}

// Each source that plays keeps this: both tracks keep the clock's pace without a pause that a player notices, nothing was
// restarted, and no slate was shown.
export function assert_plays(watched, { sound, picture_pause = 1.6, picture_step = 0, states = ['running'] } = {}) {
  const { stats, viewer } = watched;
  const told = JSON.stringify({ states: watched.states, restarts: stats.source.restarts, error: stats.source.last_error, slates: watched.slates,
    video: [watched.speed('video'), watched.pause('video')], audio: [watched.speed('audio'), watched.pause('audio')],
    gaps: viewer.checker.gaps(0.1).slice(0, 5) });
  if (process.env.LIVESTREAM_TEST_LOG) console.error(told);
  assert.equal(Boolean(viewer.checker.audio), sound, `sound: ${told}`);
  assert.deepEqual(watched.states, states, told);
  assert.equal(stats.source.restarts, 0, told);
  assert.equal(watched.slates, 0, told);
  // One picture more or less matters where they are `picture_step` seconds apart. Silence that stands in for sound comes a
  // second at once.
  for (const [kind, most] of [['video', 0.1 + picture_step / 10], ...(sound ? [['audio', 0.15]] : [])]) {
    assert.ok(Math.abs(watched.speed(kind) - 1) < most, `${kind}: ${told}`);
  }
  assert.ok(watched.pause('video') < picture_pause, told);
  if (!sound) return;
  assert.ok(watched.pause('audio') < 1.3, told);
  assert.deepEqual(viewer.checker.gaps(0.1).filter(({ kind }) => kind === 'audio'), [], told);
}
