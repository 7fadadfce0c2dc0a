// Each answer that is not the stream, in Chromium: its own words, cause and cure, and the picture comes back by itself.
import assert from 'node:assert/strict';
import test from 'node:test';
import { open_page, start_browser } from '../lib/browser.mjs';
import { start_http_proxy } from '../lib/http_proxy.mjs';
import { goes_live, player_state, set_hidden } from '../lib/player.mjs';
import { start_server } from '../lib/server.mjs';
import { start_http } from '../lib/sources.mjs';
import { sleep, until } from '../lib/wait.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };

async function behind_proxy(t, { server_env = env, path = '/?muted=1' } = {}) {
  const server = await start_server(t, { env: server_env });
  const proxy = await start_http_proxy(t, server.port);
  const browser = await start_browser(t);
  const page = await open_page(browser, proxy.url + path);
  return { server, proxy, browser, page };
}

const described = (page) => page.evaluate(() => {
  const player = document.querySelector('live-player');
  return { state: player.state, words: player.words, explanation: player.explanation };
});
const says = (page, words, seconds = 8) => until(`it says ${words}`, async () => words.test((await described(page)).words), { seconds })
  .catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await described(page))}`); });

// Cuts the stream and answers the next attempts with `instead`.
function refuse(proxy, instead) {
  proxy.answer = (path) => (path === '/stream' || path === 'ws:/stream' ? instead : null);
  proxy.reset();
}

test('a proxy answers for the stream: what it says, and live again when it passes the stream on', async (t) => {
  const { proxy, page } = await behind_proxy(t);
  await goes_live(page, { seconds: 20 });
  const cases = [
    [{ status: 401 }, /^Sign in to watch$/, 'refused'],
    [{ status: 403 }, /^Not allowed to watch$/, 'refused'],
    [{ status: 404 }, /^No stream at this address \(404\)$/, 'refused'],
    [{ status: 429, headers: { 'Retry-After': '2' } }, /^Too many requests$/, 'full'],
    [{ status: 503 }, /^Server unreachable \(503\)$/, 'unreachable'],
    [{ status: 500 }, /^Server error \(500\)$/, 'unreachable'],
    [{ status: 418 }, /^Server refused the stream \(418\)$/, 'refused'],
    [{ status: 200 }, /^A web page came instead of the stream$/, 'refused'],
    [{ status: 302, headers: { Location: '/' } }, /^Sign in to watch$/, 'refused'],
    [{ status: 302, headers: { Location: 'http://localhost:1/login' } }, /^Sign in to watch$/, 'refused'],
  ];
  for (const [instead, words, state] of cases) {
    refuse(proxy, instead);
    await says(page, words);
    assert.equal((await described(page)).state, state, String(words));
    // Not as often as a lost server: most of these change only when a person acts.
    const asked = proxy.asked.length;
    await sleep(500);
    if (state === 'refused') assert.ok(proxy.asked.length - asked <= 2, `${words}: ${proxy.asked.slice(asked)}`);
    proxy.answer = () => null;
    // A page that is shown again, as after signing in elsewhere, tries at once.
    await set_hidden(page, true);
    await set_hidden(page, false);
    await goes_live(page, { seconds: 10 });
  }
  assert.deepEqual(page.problems, []);
});

test('the server says itself that it is full', async (t) => {
  const { server, page } = await behind_proxy(t, { server_env: { ...env, MAX_CLIENTS: '1', FAIR_CLIENTS_PER_ADDRESS: '0' } });
  await goes_live(page, { seconds: 20 });
  const second = await open_page(page.context(), `${server.url}/?muted=1`);
  await says(second, /^Server full$/);
  await page.close();
  await goes_live(second, { seconds: 10 });
});

test('a page of another origin that CORS_ORIGIN does not list is told so', async (t) => {
  const server = await start_server(t, { env: { ...env, CORS_ORIGIN: 'https://listed.example' } });
  // The page has the player from its own server, as with a copy of it.
  const host = await start_http(t, async (request, response) => {
    if (request.url === '/') response.setHeader('content-type', 'text/html').end(`<!doctype html><script type="module" src="live-player.js"></script><live-player src="${server.url}/stream" muted autoplay></live-player>`);
    else {
      const copied = await fetch(server.url + request.url);
      response.setHeader('content-type', copied.headers.get('content-type')).end(Buffer.from(await copied.arrayBuffer()));
    }
  });
  const page = await open_page(await start_browser(t), host.url);
  await says(page, /^This page is not allowed to show the stream$/);
  assert.match((await described(page)).explanation, /CORS_ORIGIN/);
});

test('a page whose policy forbids the stream is told so', async (t) => {
  const server = await start_server(t, { env });
  const host = await start_http(t, (_, response) => response.writeHead(200, {
    'Content-Type': 'text/html', 'Content-Security-Policy': `default-src 'self'; media-src blob:; script-src ${server.url}`,
  }).end(`<!doctype html><script type="module" src="${server.url}/live-player.js"></script><live-player src="${server.url}/stream" muted autoplay></live-player>`));
  const page = await open_page(await start_browser(t), host.url);
  await says(page, /^The policy of this page forbids the stream$/);
  assert.match((await described(page)).explanation, /connect-src/);
});

test('a line with half of what the stream needs is said to be too slow', async (t) => {
  const { proxy, page } = await behind_proxy(t, { server_env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '640x360', VIDEO_CRF: '10' } });
  await goes_live(page, { seconds: 20 });
  // The burst of the start is more than the stream needs.
  await sleep(4000);
  const bits = await until('a bitrate', async () => {
    const now = await page.evaluate(() => document.querySelector('live-player').statistics.bitrateBps);
    return now > 200_000 && now;
  });
  proxy.bytes_per_second = bits / 8 / 2;
  await says(page, /^Connection too slow$/, 25);
  assert.equal((await player_state(page)).tooSlow, true);
});
