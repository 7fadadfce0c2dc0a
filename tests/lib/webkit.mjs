// WebKitGTK's MiniBrowser on a screen of its own (Xvfb), driven by WebKitWebDriver (W3C WebDriver over HTTP).
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanup } from './cleanup.mjs';
import { start_helper } from './process.mjs';
import { free_port } from './sources.mjs';
import { until } from './wait.mjs';

const libraries = '/usr/lib/x86_64-linux-gnu'.replace('x86_64', process.arch === 'arm64' ? 'aarch64' : 'x86_64');
const mini_browser = () => readdirSync(libraries).filter((name) => /^webkit2gtk-4\.\d$/.test(name)).map((name) => join(libraries, name, 'MiniBrowser')).at(-1);

// A free display number, found by Xvfb.
async function start_screen(t) {
  const screen = start_helper(t, 'Xvfb', ['-displayfd', '1', '-screen', '0', '1000x700x24', '-nolisten', 'tcp']);
  return `:${(await until('the screen', () => /^(\d+)\n/m.exec(screen.output)))[1]}`;
}

// {evaluate(function, argument)} of a page in a WebKitGTK that ends with the test.
export async function open_in_webkit(t, url) {
  const home = mkdtempSync(join(tmpdir(), 'livestream-webkit-'));
  const display = await start_screen(t);
  const port = await free_port();
  cleanup(t, () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
  // A virtual sound card, because pages with sound hang without one.
  start_helper(t, 'pulseaudio', ['-n', '--daemonize=no', '--exit-idle-time=-1', '-L', 'module-null-sink', '-L', 'module-native-protocol-unix'], { env: { ...process.env, XDG_RUNTIME_DIR: home } });
  await until('the sound card', () => existsSync(join(home, 'pulse', 'native')));
  // No sandbox: it needs namespaces that a container does not give.
  start_helper(t, 'WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], { env: { ...process.env, DISPLAY: display,
    XDG_RUNTIME_DIR: home, LIBGL_ALWAYS_SOFTWARE: '1', WEBKIT_DISABLE_DMABUF_RENDERER: '1', WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' } });
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(15_000) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  await until('the driver listens', () => call('GET', '/status').then(() => true, () => false));
  const { sessionId, capabilities } = await call('POST', '/session', { capabilities: { alwaysMatch: {
    'webkitgtk:browserOptions': { binary: mini_browser(), args: ['--automation', '--autoplay-policy=allow'] } } } });
  cleanup(t, () => call('DELETE', `/session/${sessionId}`));
  await call('POST', `/session/${sessionId}/url`, { url });
  return {
    name: `WebKitGTK ${capabilities.browserVersion}`,
    evaluate: (action, argument) => call('POST', `/session/${sessionId}/execute/sync`, { script: `return (${action})(...arguments)`, args: [argument ?? null] }),
  };
}
