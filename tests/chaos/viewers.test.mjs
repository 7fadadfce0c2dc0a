// Thousands of short and hostile connections; viewer-chaos.mjs is the long form.
import assert from 'node:assert/strict';
import test from 'node:test';
import { sanitized } from '../lib/server.mjs';
import { viewer_chaos } from './viewer-chaos.mjs';

const size = process.env.LIVESTREAM_LONG && !sanitized ? { count: 20_000, idle: 2000, hostile: 200, viewers: 50 } : { count: 2000, idle: 500, hostile: 50, viewers: 20 };

// Delay by scheduling: storm, readers and server share two cores, and the short form measures for seconds only.
const noise_ms = 10;

test(`${size.count} short sessions, ${size.idle} idle and ${size.hostile} hostile connections reach no viewer`, async (t) => {
  const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed} (CHAOS_SEED)`);
  const problems = await viewer_chaos(t, { ...size, seed, noise_ms, measured_at_most: 1, log: (line) => console.log(line) });
  assert.deepEqual(problems, []);
});
