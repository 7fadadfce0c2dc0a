// The page, the self-test and the element on other pages in Chromium, while parts of them fail to load at first: words until
// then, what fails is loaded again, and the picture comes in the same document.
import assert from 'node:assert/strict';
import test from 'node:test';
import { open_page, start_browser, video_state } from '../lib/browser.mjs';
import { start_http_proxy } from '../lib/http_proxy.mjs';
import { goes_live, player_state } from '../lib/player.mjs';
import { start_server } from '../lib/server.mjs';
import { start_http } from '../lib/sources.mjs';
import { sleep, until } from '../lib/wait.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };

async function proxied(t, server_env = env) {
  const server = await start_server(t, { env: server_env });
  const proxy = await start_http_proxy(t, server.port);
  return { server, proxy, browser: await start_browser(t) };
}

// Answers requests for `paths` with `fault` for `ms` from the first of them on.
function fail(proxy, paths, fault, ms = 1000) {
  let until_ms = Infinity;
  proxy.answer = (path) => {
    if (!paths.includes(path)) return null;
    if (until_ms === Infinity) until_ms = Date.now() + ms;
    return Date.now() < until_ms ? fault : null;
  };
}

const styled = (page) => page.evaluate(() => getComputedStyle(document.body).display === 'flex');

test('a page load is a handful of requests', async (t) => {
  const { proxy, browser } = await proxied(t);
  const page = await open_page(browser, `${proxy.url}/?muted=1`);
  await goes_live(page, { seconds: 20 });
  assert.deepEqual(proxy.asked.filter((path) => !['/favicon.svg', '/time'].includes(path)).sort(), ['/', '/page.css', '/page.js', '/player/worker.js', '/stream']);
  assert.deepEqual(page.problems, []);
});

test('the modules themselves play from a folder, for development', async (t) => {
  const web = new URL('../../web', import.meta.url).pathname;
  const server = await start_server(t, { env, args: ['--web-root', web] });
  const page = await open_page(await start_browser(t), `${server.url}/?muted=1`);
  await goes_live(page, { seconds: 20 });
  assert.equal((await player_state(page)).inWorker, true);
  assert.ok(page.asked.some((url) => url.endsWith('/player/leg.js')));
  assert.deepEqual(page.problems, []);
});

test('each part fails for a second, in different ways', async (t) => {
  const { proxy, browser } = await proxied(t);
  const cases = [
    ['/page.js', { status: 502 }], ['/page.js', 'truncate'], ['/page.js', { status: 200 }], ['/page.js', 'reset'],
    ['/page.css', { status: 503 }], ['/page.css', 'truncate'], ['/page.css', { status: 404 }],
    ['/player/worker.js', { status: 429 }], ['/player/worker.js', 'truncate'],
  ];
  for (const [part, fault] of cases) {
    const name = `${part} ${JSON.stringify(fault)}`;
    proxy.asked.length = 0;
    fail(proxy, [part], fault);
    const page = await open_page(browser, `${proxy.url}/?muted=1`);
    await goes_live(page, { seconds: 20 }).catch((error) => { throw new Error(`${name}: ${error.message} ${proxy.asked}`); });
    await until(`${name}: it has its looks`, () => styled(page), { seconds: 6 });
    assert.equal(proxy.asked.filter((path) => path === '/').length, 1, 'the same document');
    // The engine on the page replaces a worker.
    if (part !== '/player/worker.js') await until(`${name}: asked for again`, () => proxy.asked.filter((path) => path === part).length >= 2, { seconds: 3 });
    assert.equal(await page.evaluate(() => document.querySelectorAll('live-player').length), 1);
    await page.close();
  }
});

test('the server is away for three seconds while the page loads: words, then the picture', async (t) => {
  const { proxy, browser } = await proxied(t);
  fail(proxy, ['/page.js', '/page.css', '/player/worker.js', '/stream', '/time', '/favicon.svg'], 'reset', 3000);
  const page = await open_page(browser, `${proxy.url}/?muted=1`);
  await until('it says so', () => page.evaluate(() => /did not load. Trying again/.test(document.querySelector('.loading')?.textContent)));
  await goes_live(page, { seconds: 20 });
  await until('it has its looks', () => styled(page), { seconds: 6 });
});

test('a page that is cut short is loaded again', async (t) => {
  const { proxy, browser } = await proxied(t);
  fail(proxy, ['/'], 'truncate', 500);
  const page = await open_page(browser, `${proxy.url}/?muted=1`);
  await goes_live(page, { seconds: 20 });
  assert.ok(proxy.asked.filter((path) => path === '/').length >= 2);
});

test('a part that never arrives: the page says that it loads, and asks again', async (t) => {
  const { proxy, browser } = await proxied(t);
  const asked = new Set();
  // The script is asked for again after 15 s.
  const parts = process.env.LIVESTREAM_LONG ? ['/page.js', '/page.css'] : ['/page.css'];
  proxy.answer = (path) => {
    if (!parts.includes(path) || asked.has(path)) return null;
    asked.add(path);
    return 'hang';
  };
  const page = await open_page(browser, `${proxy.url}/?muted=1`, { waitUntil: 'commit' });
  await until('words', () => page.evaluate(() => /is loading/.test(document.querySelector('.loading')?.textContent)));
  await goes_live(page, { seconds: 30 });
  assert.ok(await styled(page));
});

test('without JavaScript the page has words', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t, { javaScriptEnabled: false }), server.url);
  assert.match(await page.locator('body').innerText(), /switched off here/);
});

test('a proxy whose own policy forbids scripts within pages does not stop the page', async (t) => {
  const { server, browser } = await proxied(t);
  const strict = await start_http(t, async (request, response) => {
    const answer = await fetch(server.url + request.url, { headers: { ...request.headers, host: `127.0.0.1:${server.port}` } });
    response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type'), 'Content-Security-Policy': "default-src 'self'; media-src 'self' blob:" });
    for await (const bytes of answer.body) response.write(bytes);
    response.end();
  });
  const page = await open_page(browser, `${strict.url}/?muted=1`);
  await goes_live(page, { seconds: 20 });
});

test('the self-test loads again what fails', async (t) => {
  const { proxy, browser } = await proxied(t);
  fail(proxy, ['/selftest.js', '/page.css'], { status: 503 });
  const page = await open_page(browser, `${proxy.url}/selftest`);
  await until('a picture', async () => (await video_state(page))?.frames > 10, { seconds: 20 });
  await until('it has its looks', () => styled(page));
});

// The lines of docs/player.md for other people's pages.
const snippet = (server) => `<live-player src="${server}/stream" muted autoplay controls>The player is loading.</live-player>
<script type="module">
  const load = (tries) => import(\`${server}/live-player.js?\${tries}\`).catch(() => setTimeout(load, 1000, tries + 1));
  load(0);
</script>`;

test('on a page of another origin: one file, loaded again when it fails, words until then', async (t) => {
  const { proxy, browser } = await proxied(t);
  const host = await start_http(t, (_, response) => response.setHeader('content-type', 'text/html').end(`<!doctype html>${snippet(proxy.url)}`));
  for (const fault of [{ status: 503 }, 'truncate', 'reset']) {
    proxy.asked.length = 0;
    fail(proxy, ['/live-player.js'], fault, 1500);
    const page = await open_page(browser, host.url);
    await until('the first try', () => proxy.asked.length > 0);
    assert.match(await page.evaluate(() => document.body.innerText), /The player is loading/);
    await goes_live(page, { seconds: 20 });
    assert.deepEqual([...new Set(proxy.asked)].filter((path) => path !== '/time').sort(), ['/live-player.js', '/stream']);
    assert.doesNotMatch(await page.evaluate(() => document.body.innerText), /is loading/);
    await page.close();
  }
});

test('in a sandboxed frame it plays where CORS_ORIGIN allows all pages, and says why it does not elsewhere', async (t) => {
  const { proxy, server, browser } = await proxied(t);
  const closed = await start_server(t, { env: { ...env, CORS_ORIGIN: 'http://listed.example' }, ready: false });
  const framing = (url) => `<!doctype html><iframe sandbox="allow-scripts" src="${url}/?muted=1" width="640" height="360"></iframe>`;
  let inside = server.url;
  const host = await start_http(t, (_, response) => response.setHeader('content-type', 'text/html').end(framing(inside)));
  const page = await open_page(browser, host.url);
  const frame = await until('the frame', () => page.frames().find((each) => each.url().startsWith(server.url)));
  await goes_live(frame, { seconds: 20 });
  assert.deepEqual(page.problems, []);
  // A proxy that lets the page be framed, but CORS_ORIGIN lists others only.
  proxy.port_of_server = closed.port;
  const open = await start_http(t, async (request, response) => {
    const answer = await fetch(closed.url + request.url, { headers: { origin: request.headers.origin ?? '' } });
    response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') }).end(Buffer.from(await answer.arrayBuffer()));
  });
  inside = open.url;
  await page.reload();
  const refused = await until('the frame', () => page.frames().find((each) => each.url().startsWith(open.url)));
  await until('it says why', () => refused.evaluate(() => /sandboxed without allow-same-origin/.test(document.querySelector('.loading').textContent)));
  await sleep(100);
  assert.equal((await player_state(refused)).state, null);
});
