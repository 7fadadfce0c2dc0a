// Makes the pictures of the page in docs/pictures/: sizes of screen, looks, and situations.
//   node scripts/pictures.mjs [NAME...]     all, or those whose name contains a NAME
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { start_browser, open_page } from '../tests/lib/browser.mjs';
import { start_http_proxy } from '../tests/lib/http_proxy.mjs';
import { goes_live, has_controls, in_player } from '../tests/lib/player.mjs';
import { start_server, temporary_directory } from '../tests/lib/server.mjs';
import { sleep, until } from '../tests/lib/wait.mjs';

const folder = new URL('../docs/pictures/', import.meta.url).pathname;
const wanted = process.argv.slice(2);
const demo = { VIDEO_FILE: 'demo', TITLE: 'Bird house' };
const desktop = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };
const touch = { hasTouch: true, isMobile: true };

const state_is = (...states) => (page) => until(`one of ${states}`, () => in_player(page, `(player) => ${JSON.stringify(states)}.includes(player.state)`), { seconds: 30 });
const live = async (page) => {
  await goes_live(page, { seconds: 30, behind: 2 });
  await has_controls(page);
  await sleep(2500);
  await page.mouse.move(200, 200);
};
const press = (key) => async (page) => {
  await live(page);
  await page.keyboard.press(key);
  await sleep(1500);
};

// A file made by ffmpeg in the server's folder.
const file = (...args) => (directory) => {
  const path = join(directory, 'source.mp4');
  execFileSync('ffmpeg', ['-v', 'error', ...args, '-y', path]);
  return path;
};
const picture = (size) => ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25`, '-t', '20', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const answers = (status, body) => (context) => context.route('**/stream*', (route) => route.fulfill({ status, body, contentType: 'text/html' }));

// A viewer: a response that is not read is collected as garbage, and its connection closed.
const watch = async (server) => {
  const { body } = await fetch(`${server.url}/stream`);
  body.pipeTo(new WritableStream()).catch(() => {});
};

// name: {viewport, browser, env, source, proxied, path, before(context, server), ready(page, server, proxy)}
const pictures = {
  '360x740-light': { viewport: phone, browser: touch },
  '360x740-dark': { viewport: phone, browser: { ...touch, colorScheme: 'dark' } },
  '740x360-light': { viewport: { width: 740, height: 360 }, browser: touch },
  '768x1024-light': { viewport: { width: 768, height: 1024 }, browser: touch },
  '1280x800-light': {},
  '1280x800-dark': { browser: { colorScheme: 'dark' } },
  '2560x1080-light': { viewport: { width: 2560, height: 1080 } },
  '1280x800-zoom-200': { viewport: { width: 640, height: 400 }, browser: { deviceScaleFactor: 2 } },
  '1280x800-reduced-motion': { browser: { reducedMotion: 'reduce' } },
  '1280x800-forced-colours': { browser: { forcedColors: 'active' } },
  portrait: { source: file(...picture('360x640'), '-an') },
  'portrait-360x740': { viewport: phone, browser: touch, source: file(...picture('360x640'), '-an') },
  'audio-only': { source: file('-f', 'lavfi', '-i', 'sine=f=330', '-t', '20', '-c:a', 'aac') },
  silent: { source: file(...picture('640x360'), '-an') },
  full: { env: { MAX_CLIENTS: '1' }, before: (_context, server) => watch(server), ready: state_is('full') },
  lost: { env: { VIDEO_FILE: '/media/camera.mp4' }, running: false, ready: state_is('source-lost') },
  unreachable: { ready: async (page, server) => {
    await live(page);
    await server.stop();
    await state_is('unreachable')(page);
  } },
  refused: { before: answers(403, 'Forbidden'), ready: state_is('refused') },
  'proxy-503': { before: answers(503, '<h1>503 Service Unavailable</h1>'), ready: state_is('unreachable', 'full', 'source-lost', 'refused') },
  'too-slow': { env: { VIDEO_RESOLUTION: '640x360', VIDEO_CRF: '10' }, proxied: true, ready: async (page, _server, proxy) => {
    await live(page);
    proxy.bytes_per_second = (await in_player(page, '(player) => player.statistics.bitrateBps')) / 16;
    await state_is('slow')(page);
  } },
  paused: { ready: press(' ') },
  'statistics-panel': { ready: press('i') },
  'statistics-panel-360x740': { viewport: phone, browser: touch, ready: press('i') },
  'help-panel': { ready: press('?') },
  embed: { ready: async (page) => {
    await live(page);
    await page.click('#embed');
  } },
  'statistics-page': { path: '/statistics', ready: () => sleep(9000), before: (_context, server) => watch(server) },
  'statistics-page-360x740': { path: '/statistics', viewport: phone, browser: touch, ready: () => sleep(7000) },
  selftest: { path: '/selftest', ready: (page) => until('a verdict', () => page.evaluate(() => document.getElementById('verdict').dataset.grade), { seconds: 40 }) },
};

async function make(name, { viewport = desktop, browser = {}, env = {}, source, path = '/', before, ready = live, running = true, proxied = false }) {
  const endings = [];
  const t = { after: (end) => endings.unshift(end) };
  try {
    const cwd = temporary_directory(t);
    const server = await start_server(t, { cwd, ready: running, env: { ...demo, ...env, ...(source ? { VIDEO_FILE: source(cwd) } : {}) } });
    const context = await start_browser(t, { viewport, ...browser });
    await before?.(context, server);
    const proxy = proxied ? await start_http_proxy(t, server.port) : null;
    const page = await open_page(context, (proxy ?? server).url + path);
    await ready(page, server, proxy);
    await sleep(900);
    await page.screenshot({ path: join(folder, `${name}.jpg`), type: 'jpeg', quality: 62, fullPage: path !== '/' });
    console.log(`${name}.jpg`);
  } finally {
    for (const end of endings) await end();
  }
}

mkdirSync(folder, { recursive: true });
let failed = 0;
for (const [name, options] of Object.entries(pictures)) {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
  await make(name, options).catch((error) => {
    failed++;
    console.error(`${name}: ${error.message}`);
  });
}
process.exit(failed > 0 ? 1 : 0);
