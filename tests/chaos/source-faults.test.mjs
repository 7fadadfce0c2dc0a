// Breaks the source of one server in all ways while viewers watch; source-chaos.mjs is the long form.
import assert from 'node:assert/strict';
import test from 'node:test';
import { sanitized } from '../lib/server.mjs';
import { faults } from './faults.mjs';
import { source_chaos } from './source-chaos.mjs';

// Under a sanitizer each kind once.
const long = process.env.LIVESTREAM_LONG && !sanitized;
const count = long ? 100 : Object.keys(faults).length;

test(`${count} faults of the source reach no viewer`, async (t) => {
  const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed} (CHAOS_SEED)`);
  const { problems } = await source_chaos(t, { count, seed, viewers: long ? 50 : 20, log: (line) => console.log(line) });
  assert.deepEqual(problems, []);
});
