// Many players in one browser: all play, or say in words what to do, and the next page of the server still loads.
import assert from 'node:assert/strict';
import test from 'node:test';
import { open_page, start_browser } from '../lib/browser.mjs';
import { h2_proxies, start_h2_proxy } from '../lib/h2_proxies.mjs';
import { start_http_proxy } from '../lib/http_proxy.mjs';
import { goes_live } from '../lib/player.mjs';
import { start_server } from '../lib/server.mjs';
import { start_http, start_nginx } from '../lib/sources.mjs';
import { sleep, until } from '../lib/wait.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '160x90', FAIR_CLIENTS_PER_ADDRESS: '0' };

// Puts players into the page until there are `count`.
const add_players = (page, count, attributes = {}) => page.evaluate(([wanted, others]) => {
  while (document.querySelectorAll('live-player').length < wanted) {
    const player = document.createElement('live-player');
    // All in view, because a player out of view rests.
    Object.assign(player.style, { position: 'fixed', top: '0', left: '0', width: '160px' });
    for (const [name, value] of Object.entries({ muted: '', autoplay: '', src: 'stream', ...others })) player.setAttribute(name, value);
    document.body.append(player);
  }
}, [count, attributes]);

const states = (pages) => Promise.all(pages.map((page) => page.evaluate(() => [...document.querySelectorAll('live-player')]
  .map((player) => ({ state: player.state, words: player.words, explanation: player.explanation, transport: player.media?.transport, frames: player.statistics?.decodedFrames ?? 0 }))))).then((all) => all.flat());
const lives = (all) => all.filter(({ state, frames }) => ['live', 'catching-up'].includes(state) && frames > 5).length;
const all_live = (pages, count, seconds = 25) => until(`${count} are live`, async () => lives(await states(pages)) === count, { seconds })
  .catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await states(pages))}`); });

const next_tab_loads = async (browser, url) => {
  const page = await open_page(browser, `${url}/selftest`);
  assert.equal(await page.evaluate(async () => (await fetch('stats', { cache: 'no-store', signal: AbortSignal.timeout(3000) })).status), 200);
  await page.close();
};

test('nginx as it comes passes no WebSockets: five play, the others say what to set, and the next tab loads', async (t) => {
  const server = await start_server(t, { env });
  const nginx = await start_nginx(t, `location / { proxy_pass http://127.0.0.1:${server.port}; proxy_http_version 1.1; }`);
  const browser = await start_browser(t);
  const page = await open_page(browser, `${nginx.url}/?muted=1`);
  await goes_live(page, { seconds: 20 });
  const streams = () => page.asked.filter((url) => /\/stream/.test(url)).length;
  await add_players(page, 8);
  await all_live([page], 5);
  await until('the others say so', async () => (await states([page])).filter(({ words }) => words === 'Too many players in this browser').length === 3);
  assert.match((await states([page])).at(-1).explanation, /WebSockets, or speak HTTP\/2/);
  const before = streams();
  await sleep(6000);
  assert.ok(streams() - before <= 3, `${streams() - before} tries in six seconds`);
  assert.equal(lives(await states([page])), 5);
  await next_tab_loads(browser, nginx.url);
  // A place that becomes free is taken.
  await page.evaluate(() => document.querySelector('live-player').remove());
  await all_live([page], 5);
  assert.deepEqual(page.problems, []);
});

for (const name of h2_proxies) {
  test(`${name} with HTTP/2: twelve players of a page all play over it, in pages of other origins too`, async (t) => {
    const server = await start_server(t, { env });
    const proxy = await start_h2_proxy(t, name, server.port);
    const browser = await start_browser(t, { ignoreHTTPSErrors: true });
    const page = await open_page(browser, `${proxy.url}/?muted=1`);
    await goes_live(page, { seconds: 20 });
    await add_players(page, 12);
    await all_live([page], 12);
    assert.ok((await states([page])).every(({ transport }) => transport === 'fetch'));
    const tags = `<live-player src="${proxy.url}/stream" muted autoplay style="position:fixed;width:160px"></live-player>`.repeat(7);
    const host = await start_http(t, (_, response) => response.setHeader('content-type', 'text/html').end(`<!doctype html><script type="module" src="${proxy.url}/live-player.js"></script>${tags}`));
    const foreign = await open_page(browser, host.url.replace('127.0.0.1', 'localhost'));
    await all_live([foreign], 7);
    assert.ok((await states([foreign])).every(({ transport }) => transport === 'fetch'));
  });
}

test('eight frames on a page: all play, and the next tab loads', async (t) => {
  const server = await start_server(t, { env });
  const browser = await start_browser(t);
  const host = await start_http(t, (_, response) => response.setHeader('content-type', 'text/html').end(
    `<!doctype html>${`<iframe src="${server.url}/?muted=1" width="160" height="90"></iframe>`.repeat(8)}`));
  const page = await open_page(browser, host.url);
  const frames = await until('the frames', () => page.frames().length === 9 && page.frames().slice(1));
  await all_live(frames, 8);
  const all = await states(frames);
  assert.ok(all.filter(({ transport }) => transport === 'fetch').length <= 4, JSON.stringify(all));
  await next_tab_loads(browser, server.url);
  assert.deepEqual(page.problems, []);
});

test('seven tabs with sound: all play, and the next tab loads', async (t) => {
  const server = await start_server(t, { env });
  const browser = await start_browser(t);
  const pages = [];
  for (let i = 0; i < 7; i++) {
    pages.push(await open_page(browser, `${server.url}/?muted=0`));
    await all_live([pages.at(-1)], 1);
  }
  await all_live(pages, 7);
  await next_tab_loads(browser, server.url);
});

test('a proxy that swallows WebSockets: the player goes on over HTTP; a page that insists on them says so', async (t) => {
  const server = await start_server(t, { env });
  const proxy = await start_http_proxy(t, server.port);
  proxy.answer = (path) => (path === 'ws:/stream' ? { status: 400 } : null);
  const browser = await start_browser(t);
  const page = await open_page(browser, `${proxy.url}/?muted=1&transport=ws`);
  await until('it says so', async () => (await states([page]))[0].words === 'WebSockets do not get through');
  const tries = proxy.asked.filter((path) => path === 'ws:/stream').length;
  await sleep(3000);
  assert.ok(proxy.asked.filter((path) => path === 'ws:/stream').length - tries <= 2);
  proxy.answer = () => null;
  await all_live([page], 1);
});
