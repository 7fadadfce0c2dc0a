// ./bench: runs the requested parts, prints their tables and writes the report.
import { describe_machine } from './lib/machine.mjs';
import { capacity, fanout, joins, memory, slow, spread } from './lib/fan_out_parts.mjs';
import { micro } from './lib/micro_part.mjs';
import { clip, root } from './lib/programs.mjs';
import { write_report } from './lib/report.mjs';
import { encode, startup } from './lib/source_parts.mjs';
import { streams } from './lib/stream_parts.mjs';

const parts = { fanout, capacity, memory, joins, spread, slow, startup, encode, streams, micro };
const usage = `usage: ./bench [${Object.keys(parts).join('|')}]... [--viewers N] [--runs N] [--seconds S] [--minutes M] [--joins N]`;

function parse(args) {
  const options = { runs: 5, seconds: 10, minutes: 5 };
  const chosen = [];
  for (let i = 0; i < args.length; ++i) {
    const name = args[i].replace(/^--/, '');
    if (args[i] in parts) {
      chosen.push(args[i]);
    } else if (['viewers', 'runs', 'seconds', 'minutes', 'joins'].includes(name) && args[i].startsWith('--') && Number(args[i + 1]) > 0) {
      options[name] = Number(args[++i]);
    } else {
      console.error(usage);
      process.exit(args[i] === '--help' ? 0 : 2);
    }
  }
  return { options, chosen: chosen.length ? chosen : Object.keys(parts) };
}

const { options, chosen } = parse(process.argv.slice(2));
clip();
const machine = describe_machine();
const done = {};
for (const name of chosen) {
  done[name] = await parts[name](options);
  console.log(`\n${done[name].table.title}\n\n${done[name].table.lines().join('\n')}`);
  // Written after each part, so that an interrupted run keeps its results.
  write_report(machine, options, done);
}
console.log(`\n${write_report(machine, options, done).slice(root.length)}.{md,json}`);
process.exit(0);
