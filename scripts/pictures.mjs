// Makes the pictures of the page in docs/pictures/: sizes of screen, looks, and situations.
//   node scripts/pictures.mjs [NAME...]     all, or those whose name contains a NAME
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
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

// Cameras of a house, painted in boxes: [x, y, width, height, colour]. The last box moves to the right.
const scenes = {
  'Front door': { sky: ['0x9fb4c8', '0xd8c9b0'], boxes: [[0, 0, 640, 265, '0x8d6a55'], [0, 265, 640, 95, '0x77736e'], [255, 70, 130, 200, '0x2f4a3c'], [266, 82, 50, 70, '0x3d6150'], [324, 82, 50, 70, '0x3d6150'],
    [366, 172, 8, 14, '0xd8b45a'], [440, 90, 110, 100, '0xe9e4da'], [448, 98, 94, 84, '0x34506a'], [215, 270, 210, 16, '0x9a958e'], [70, 215, 60, 60, '0x9b4f35'], [60, 160, 80, 62, '0x3f6b35'], [-20, 305, 46, 34, '0xc8843c']] },
  Garage: { look: 'hue=s=0', sky: ['0x20242a', '0x3a3f45'], boxes: [[0, 250, 640, 110, '0x55585c'], [90, 60, 420, 210, '0x777a7e'], [110, 90, 380, 36, '0x8a8d91'], [110, 134, 380, 36, '0x8a8d91'], [110, 178, 380, 36, '0x8a8d91'],
    [110, 222, 380, 40, '0x8a8d91'], [560, 110, 22, 34, '0xf0f0f0'], [20, 290, 70, 30, '0xb8babd']] },
  Driveway: { sky: ['0x6fa3d8', '0xdcebf5'], boxes: [[0, 170, 640, 190, '0x5d8a45'], [230, 170, 190, 190, '0x6b6d70'], [0, 120, 180, 60, '0x46703a'], [470, 90, 150, 90, '0xd9cdbb'], [460, 70, 170, 24, '0x8a4b3a'], [500, 110, 34, 40, '0x3d556b'],
    [560, 110, 34, 40, '0x3d556b'], [260, 235, 120, 62, '0xa32d2a'], [282, 212, 76, 30, '0x2a3a4a'], [268, 290, 26, 18, '0x17181a'], [346, 290, 26, 18, '0x17181a'], [20, 190, 16, 40, '0x2f3f6b']] },
  Street: { sky: ['0xf0b070', '0xf7dcc0'], boxes: [[0, 210, 640, 150, '0x4e5054'], [0, 196, 640, 16, '0x9c968c'], [20, 70, 150, 128, '0x7d5a4d'], [190, 95, 120, 103, '0xb09a7c'], [330, 50, 130, 148, '0x6d7480'], [480, 85, 140, 113, '0x8f6f5c'],
    [45, 95, 30, 36, '0xf6d98a'], [110, 95, 30, 36, '0x3a3f4a'], [215, 120, 26, 32, '0xf6d98a'], [360, 75, 28, 34, '0x3a4450'], [410, 75, 28, 34, '0xf6d98a'], [510, 110, 30, 34, '0x3a3f4a'], [60, 282, 80, 8, '0xe8e4d8'], [280, 282, 80, 8, '0xe8e4d8'],
    [500, 282, 80, 8, '0xe8e4d8'], [40, 226, 110, 44, '0xe0e3e6']] },
  'Bird house': { sky: ['0x7fb2a0', '0xcfe3b8'], boxes: [[0, 0, 120, 360, '0x3f6136'], [520, 0, 120, 360, '0x4a6e3c'], [0, 300, 640, 60, '0x577a3e'], [300, 200, 24, 160, '0x5f4632'], [230, 90, 170, 130, '0xa87848'], [215, 72, 200, 24, '0x7a3f2c'],
    [295, 125, 38, 38, '0x1d1712'], [290, 180, 50, 8, '0x6b4a2c'], [140, 175, 30, 18, '0xc4562e']] },
};
function paint(directory, name, { look = 'null', sky, boxes }) {
  const path = join(directory, `${name.toLowerCase().replace(' ', '-')}.mp4`);
  const box = ([x, y, width, height, colour]) => `drawbox=${x}:${y}:${width}:${height}:${colour}:fill`;
  const [x, y, width, height, colour] = boxes.at(-1);
  const graph = `gradients=s=640x360:r=15:d=12:c0=${sky[0]}:c1=${sky[1]}:x0=320:y0=0:x1=320:y1=300:nb_colors=2:speed=0.00001,${boxes.slice(0, -1).map(box).join(',')}[scene];`
    + `color=${colour}:s=${width}x${height}:r=15:d=12[mover];[scene][mover]overlay=x=${x}+t*45:y=${y},${look},boxblur=1:1,noise=alls=7:allf=t,vignette=PI/5`;
  execFileSync('ffmpeg', ['-v', 'error', '-filter_complex', graph, '-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', '15', '-pix_fmt', 'yuv420p', '-profile:v', 'main', '-y', path]);
  return path;
}
// The file of streams: those cameras, and one that is away.
function house(directory) {
  const sources = Object.entries(scenes).map(([name, scene]) => [name, paint(directory, name, scene)]);
  sources.splice(4, 0, ['Cellar', 'rtsp://127.0.0.1:9/cellar']);
  const entry = ([name, source]) => `  ${name.toLowerCase().replace(' ', '-')}:\n    source: ${source}\n    title: ${name}\n`;
  writeFileSync(join(directory, 'livestream.yml'), `defaults:\n  video_codec: copy\nstreams:\n${sources.map(entry).join('')}`);
}
const all_play = async (page) => {
  await until('five cameras play', () => page.evaluate(() => [...document.querySelectorAll('live-player')].filter(({ state }) => state === 'live').length === 5), { seconds: 40 });
  await until('one is away', () => page.evaluate(() => document.getElementById('count').textContent === '6 cameras, 1 away'), { seconds: 40 });
  await sleep(1500);
};
const tap = (name) => async (page) => {
  await page.waitForSelector(`a[href="#${name}"]`);
  await page.click(`a[href="#${name}"]`);
  await until('the camera plays', () => page.evaluate(() => document.querySelector('.enlarged live-player')?.state === 'live'), { seconds: 30 });
  await sleep(4000);
  await page.mouse.move(180, 370);
};

// name: {viewport, browser, env, source, streams, proxied, path, before(context, server), ready(page, server, proxy)}
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
  'wall-1280x800-dark': { streams: house, browser: { colorScheme: 'dark' }, ready: all_play },
  'wall-enlarged': { streams: house, ready: tap('driveway') },
  'wall-360x740': { streams: house, viewport: phone, browser: { ...touch, colorScheme: 'dark' }, ready: async (page) => {
    await page.waitForSelector('.tile');
    await page.evaluate(() => scrollTo(0, 560));
    await until('it is told', () => page.evaluate(() => document.getElementById('count').textContent === '6 cameras, 1 away'), { seconds: 40 });
    await sleep(1500);
  } },
  selftest: { path: '/selftest', ready: (page) => until('a verdict', () => page.evaluate(() => document.getElementById('verdict').dataset.grade), { seconds: 40 }) },
};

async function make(name, { viewport = desktop, browser = {}, env = {}, source, streams, path = '/', before, ready = live, running = true, proxied = false }) {
  const endings = [];
  const t = { after: (end) => endings.unshift(end) };
  try {
    const cwd = temporary_directory(t);
    streams?.(cwd);
    const server = await start_server(t, { cwd, ready: running && !streams, env: streams ? env : { ...demo, ...env, ...(source ? { VIDEO_FILE: source(cwd) } : {}) } });
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
