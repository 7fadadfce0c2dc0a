// Prints and writes the rows of a report.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './programs.mjs';

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length % 2 ? sorted[(sorted.length - 1) / 2] : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
};

const text = (value) => typeof value !== 'number' ? String(value)
  : Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);

// One part's table. Every value is the median of its runs, with the range behind it where there were several.
export class Table {
  constructor(title, columns) {
    this.title = title;
    this.columns = columns;
    this.rows = [];
    this.notes = [];
  }

  // Values: text, a number, or an array of the runs' numbers.
  add(...values) {
    this.rows.push(values.map((value) => {
      if (!Array.isArray(value)) return text(value);
      const numbers = value.filter((number) => number !== null);
      if (numbers.length === 0) return '-';
      const middle = text(median(numbers));
      const [low, high] = [text(Math.min(...numbers)), text(Math.max(...numbers))];
      return low === high ? middle : `${middle} (${low}-${high})`;
    }));
  }

  lines() {
    const all = [this.columns, ...this.rows];
    const widths = this.columns.map((_, column) => Math.max(...all.map((row) => row[column].length)));
    const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
    return [line(this.columns), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...this.rows.map(line), ...(this.notes.length ? [''] : []), ...this.notes];
  }
}

// Writes build/bench-report/report.{json,md}; their path without the ending.
export function write_report(machine, options, parts) {
  const folder = join(root, 'build/bench-report');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'report');
  writeFileSync(`${path}.json`, `${JSON.stringify({ machine, options, parts }, null, 2)}\n`);
  const facts = `${machine.cpu}, ${machine.cores} cores, ${machine.memory_gib} GiB, ${machine.kernel}, TCP ${machine.congestion_control}, at most ${machine.open_files} open files, ffmpeg ${machine.ffmpeg}; ${machine.date}; medians of ${options.runs} runs of ${options.seconds} s, range in brackets.`;
  const sections = Object.entries(parts).map(([name, part]) => [`## ${part.table.title} (\`./bench ${name}\`)`, '', ...part.table.lines()].join('\n'));
  writeFileSync(`${path}.md`, `# Benchmark report\n\n${facts}\n\n${sections.join('\n\n')}\n`);
  return path;
}
