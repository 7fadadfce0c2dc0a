// Observes a player for a while: delay, memory and number of buffered ranges, which must not grow.
import { readFileSync } from 'node:fs';
import { player_state } from './player.mjs';
import { sleep } from './wait.mjs';

// Resident megabytes of the browser's largest renderer, which is the page's. Linux.
async function renderer_mb(page) {
  const session = await page.context().browser().newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]) / 1024);
  return Math.max(...sizes);
}

// One row per `every_s` seconds for `minutes`; the first follows a warm-up of a tenth of that time, at least 20 s.
export async function long_run(page, { minutes, every_s = 5, log = () => {} }) {
  await sleep(Math.max(20, minutes * 6) * 1000);
  const rows = [];
  const began = Date.now();
  while (Date.now() - began < minutes * 60_000) {
    const { state, latencyP50Ms, bufferMs, ranges, buffered, stalls, droppedFrames, reconnects } = await player_state(page);
    const kept_s = buffered.reduce((sum, [start, end]) => sum + end - start, 0);
    rows.push({ minute: (Date.now() - began) / 60_000, state, latency_ms: latencyP50Ms, buffer_ms: bufferMs, ranges, kept_s, stalls, droppedFrames, reconnects, renderer_mb: await renderer_mb(page) });
    log(rows.at(-1));
    await sleep(every_s * 1000);
  }
  return rows;
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

// The first and the last quarter beside each other: {latency_ms: [first, last], ...}.
export function quarters(rows) {
  const length = Math.max(1, rows.length >> 2);
  const part = (name, some) => median(some.map((row) => row[name]));
  return Object.fromEntries(['latency_ms', 'buffer_ms', 'kept_s', 'renderer_mb'].map((name) => [name, [part(name, rows.slice(0, length)), part(name, rows.slice(-length))]]));
}
