// Bundles a small app of a framework for the browser, as its users do.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { compile } from 'svelte/compiler';

const flags = ['--bundle', '--format=esm', '--platform=browser', '--log-level=error', '--conditions=browser,svelte', '--define:process.env.NODE_ENV="production"',
  ...['__VUE_OPTIONS_API__', '__VUE_PROD_DEVTOOLS__', '__VUE_PROD_HYDRATION_MISMATCH_DETAILS__'].map((name) => `--define:${name}=false`)];

// A component of Svelte, compiled, and what puts it into the page.
function mounted(path) {
  const { js } = compile(readFileSync(path, 'utf8'), { filename: path, generate: 'client', name: 'App' });
  return `${js.code}\nimport { mount } from 'svelte';\nmount(App, { target: document.getElementById('app') });\n`;
}

// The script of `path`, a module or a component of Svelte, as one text.
export function bundle(path) {
  const input = path.endsWith('.svelte') ? mounted(path) : readFileSync(path, 'utf8');
  return execFileSync(process.env.ESBUILD ?? 'esbuild', [...flags, `--sourcefile=${basename(path)}.js`], { input, cwd: dirname(path), encoding: 'utf8', maxBuffer: 2 ** 26 });
}
