// The page around the player, in Chromium: sizes of screen, title, panels, keys, dialog, statistics page, words.
import assert from 'node:assert/strict';
import test from 'node:test';
import { open_page, start_browser } from '../lib/browser.mjs';
import { goes_live, has_controls, in_player } from '../lib/player.mjs';
import { start_server } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180', TITLE: 'Bird "house" <1> & more' };
const title = env.TITLE;

test('on each size of screen the whole player and its bar are in the window, and nothing is cut off', async (t) => {
  const server = await start_server(t, { env });
  for (const [width, height, touch] of [[360, 740, true], [740, 360, true], [768, 1024, true], [1280, 800, false], [2560, 1080, false], [640, 400, false], [320, 568, true]]) {
    const page = await open_page(await start_browser(t, { viewport: { width, height }, hasTouch: touch, isMobile: touch }), server.url);
    await goes_live(page, { seconds: 20 });
    await has_controls(page);
    const seen = await page.evaluate(() => {
      const { left, right, top, bottom } = document.querySelector('live-player').getBoundingClientRect();
      const cut = [...document.querySelectorAll('header a, .below > *')].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.right > innerWidth + 1 || box.left < -1;
      }).map((element) => element.textContent);
      const bar = document.querySelector('live-player').shadowRoot;
      const help = bar.querySelector('[part~="help-button"]').checkVisibility();
      const small = [...bar.querySelectorAll('.bar button')].filter((button) => button.checkVisibility() && button.getBoundingClientRect().width < 36).length;
      return { inside: left >= -1 && right <= innerWidth + 1 && top >= -1 && bottom <= innerHeight + 1, share: (right - left) / innerWidth, wide: document.documentElement.scrollWidth > innerWidth, cut, help, small };
    });
    const size = `${width}x${height}: ${JSON.stringify(seen)}`;
    assert.ok(seen.inside && !seen.wide && seen.share > 0.5, size);
    assert.deepEqual([seen.cut, seen.small], [[], 0], size);
    assert.equal(seen.help, !touch, size);
    await page.context().close();
  }
});

test('TITLE names the page, the tab, the player and the code for other pages, whatever its characters', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t), `${server.url}/?muted=0`);
  await goes_live(page, { seconds: 20 });
  await has_controls(page);
  assert.equal(await page.title(), title);
  assert.equal(await page.textContent('.brand span'), title);
  assert.equal(await in_player(page, '(player) => player.label'), title);
  assert.match(await in_player(page, '(player) => player.shadowRoot.querySelector(".surface").getAttribute("aria-label")'), /^Bird "house" <1> & more\./);
  assert.equal(await page.evaluate(() => navigator.mediaSession.metadata.title), title);
  await page.click('#embed');
  assert.ok(await page.evaluate(() => { const { top, bottom } = document.querySelector('dialog').getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; }));
  const frame = await page.textContent('#frame-code');
  assert.ok(frame.startsWith(`<iframe src="${server.url}/" title="Bird &quot;house&quot; &lt;1> &amp; more"`) || frame.includes('title="Bird &quot;house&quot; <1> &amp; more"'), frame);
  assert.match(await page.textContent('#element-code'), /<live-player src="http:\/\/127\.0\.0\.1:\d+\/stream" label="Bird /);
  const [etag, other] = [await fetch(server.url), await fetch((await start_server(t, { env: { ...env, TITLE: 'Other' } })).url)].map((answer) => answer.headers.get('etag'));
  assert.notEqual(etag, other);
});

test('panels tell whether they are open, however they are closed; keys leave the page its own', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t, { viewport: { width: 1000, height: 400 } }), server.url);
  await goes_live(page, { seconds: 20 });
  await has_controls(page);
  const open = () => in_player(page, '(_, part) => ["statistics-button", "help-button"].map((name) => part(name).getAttribute("aria-expanded"))');
  await page.keyboard.press('i');
  assert.deepEqual(await open(), ['true', 'false']);
  await page.keyboard.press('Escape');
  assert.deepEqual(await open(), ['false', 'false']);
  await page.keyboard.press('i');
  await page.keyboard.press('?');
  assert.deepEqual(await open(), ['false', 'true']);
  await in_player(page, '(player) => player.shadowRoot.querySelector(".help .close").click()');
  assert.deepEqual(await open(), ['false', 'false']);
  // The page is higher than the window: arrows scroll.
  const volume = await in_player(page, '(player) => player.volume');
  await page.keyboard.press('ArrowDown');
  await until('the page scrolled', () => page.evaluate(() => scrollY > 0));
  assert.equal(await in_player(page, '(player) => player.volume'), volume);
  // With the focus on a link or a button of the page the player's keys work.
  await page.focus('#embed');
  await page.keyboard.press('m');
  await until('sound', () => in_player(page, '(player) => !player.muted'));
});

test('the list of keys is whole in small players', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t), `${server.url}/?muted=1`);
  await goes_live(page, { seconds: 20 });
  await has_controls(page);
  await page.keyboard.press('?');
  for (const [width, height] of [[320, 180], [360, 203], [420, 236], [480, 270], [570, 322], [600, 338]]) {
    const [wide, high, seen] = await in_player(page, `(player, part) => {
      Object.assign(document.querySelector('.screen').style, { width: '${width}px', height: '${height}px', aspectRatio: 'auto' });
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = part('help');
      return [scrollWidth - clientWidth, scrollHeight - clientHeight, [...part('help').querySelectorAll('dd')].filter((each) => each.checkVisibility()).length];
    }`);
    assert.ok(wide <= 0 && high <= 0 && seen >= 8, `${width}x${height}: ${wide} too wide, ${high} too high, ${seen} keys`);
  }
});

test('the delay stands once and does not jump', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t), server.url);
  await goes_live(page, { seconds: 20 });
  await has_controls(page);
  const delay = () => in_player(page, '(player) => player.shadowRoot.querySelector(".delay").textContent');
  await until('the delay is known', async () => /^\d\.\d\d s$/.test(await delay()));
  await sleep(3000);
  assert.doesNotMatch(await page.textContent('.below'), /delay|\d s\b/);
  const changes = await page.evaluate(async () => {
    const target = document.querySelector('live-player').shadowRoot.querySelector('.delay');
    let count = 0;
    const observer = new MutationObserver(() => count++);
    observer.observe(target, { childList: true, characterData: true, subtree: true });
    await new Promise((done) => setTimeout(done, 5000));
    observer.disconnect();
    return count;
  });
  assert.ok(changes <= 3, `${changes} changes in 5 s`);
});

test('while the server is away a screen reader hears it once, and the words stand once', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t), server.url);
  await goes_live(page, { seconds: 20 });
  await has_controls(page);
  await page.evaluate(() => {
    window.__said = [];
    for (const region of document.querySelector('live-player').shadowRoot.querySelectorAll('[role=status], [aria-live]')) {
      new MutationObserver(() => { if (region.textContent) window.__said.push(region.textContent); }).observe(region, { childList: true, characterData: true, subtree: true });
    }
  });
  await server.stop();
  await until('it is told', () => page.evaluate(() => window.__said.length > 0));
  await sleep(5000);
  assert.deepEqual(await page.evaluate(() => window.__said), ['Server unreachable']);
  const text = await page.evaluate(() => {
    const shown = (root) => [...root.querySelectorAll('p, span, strong')].filter((element) => element.checkVisibility() && element.role !== 'status').map((element) => element.textContent);
    return [...shown(document), ...shown(document.querySelector('live-player').shadowRoot)].filter((words) => /unreachable/i.test(words));
  });
  assert.deepEqual(text, ['Server unreachable']);
});

test('the statistics page shows source, encoder, viewers and plots, leads back, and tells an absent server', async (t) => {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t), server.url);
  await goes_live(page, { seconds: 20 });
  await page.click('nav a:has-text("Statistics")');
  await until('a viewer or more', () => page.evaluate(() => /Pictures per second: \d/.test(document.body.innerText)));
  const text = await page.evaluate(() => document.body.innerText);
  for (const words of ['The source runs.', 'demo', '320 × 180', 'libx264', 'Viewers', 'Bitrate']) assert.ok(text.includes(words), text);
  assert.equal(await page.evaluate(() => [...document.querySelectorAll('canvas')].every((canvas) => canvas.width > 100 && canvas.getAttribute('aria-label'))), true);
  assert.equal(await page.title(), `Statistics – ${title}`);
  const viewer = await fetch(`${server.url}/stream`);
  await until('the viewer is counted', () => page.evaluate(() => document.body.innerText.includes('Viewers: 1') && !document.getElementById('viewers').hidden));
  await viewer.body.cancel();
  assert.equal((await (await fetch(new URL(await page.getAttribute('main a', 'href'), server.url))).json()).source.state, 'running');
  await page.click('nav a:has-text("Watch")');
  await goes_live(page);
  await page.goto(`${server.url}/statistics`);
  await until('asked', () => page.evaluate(() => document.body.innerText.includes('The source runs.')));
  await server.stop();
  await until('it tells', () => page.evaluate(() => /the server does not answer/.test(document.body.innerText)));
  assert.deepEqual(page.problems, []);
});
