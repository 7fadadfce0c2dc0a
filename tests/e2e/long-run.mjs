#!/usr/bin/env node
// long-run.mjs [--minutes 60] [--muted 0|1]: plays the demo in Chromium, prints a line every half minute, and at the
// end compares the first quarter with the last. LIVESTREAM_SERVER names the program.
import { parseArgs } from 'node:util';
import { open_page, start_browser } from '../lib/browser.mjs';
import { long_run, quarters } from '../lib/long_run.mjs';
import { goes_live } from '../lib/player.mjs';
import { start_server } from '../lib/server.mjs';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' }, muted: { type: 'string', default: '1' } } });
const hooks = [];
const t = { after: (hook) => hooks.unshift(hook) };
try {
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '640x360' } });
  const page = await open_page(await start_browser(t), `${server.url}/?muted=${values.muted}`);
  await goes_live(page);
  const rows = await long_run(page, { minutes: Number(values.minutes), every_s: 30, log: (row) => console.log(JSON.stringify(row, (_, value) => (typeof value === 'number' ? Number(value.toFixed(1)) : value))) });
  console.log(JSON.stringify(quarters(rows)));
} finally {
  for (const hook of hooks) await hook();
}
process.exit(0);
