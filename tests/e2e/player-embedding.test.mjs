// The element in other people's pages: other shadow trees, foreign styles, properties before the definition,
// out of view, and the rules of accessibility.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { open_page, start_browser } from '../lib/browser.mjs';
import { hosted, module_tag } from '../lib/hosted.mjs';
import { goes_live, has_controls, in_player } from '../lib/player.mjs';
import { start_server } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };

test('in a card in another shadow tree full screen is entered and left', async (t) => {
  const { page } = await hosted(t, `<home-card></home-card><script type="module">
    import '{{server}}/live-player.js';
    customElements.define('home-card', class extends HTMLElement {
      connectedCallback() {
        this.attachShadow({ mode: 'open' }).innerHTML = '<div style="width:640px;height:360px"><live-player src="{{server}}/stream" muted autoplay controls style="width:100%;height:100%"></live-player></div>';
        window.__player = this.shadowRoot.querySelector('live-player');
        document.querySelector = ((native) => (name) => (name === 'live-player' ? window.__player : native.call(document, name)))(document.querySelector);
      }
    });</script>`);
  await goes_live(page, { seconds: 20 });
  await has_controls(page);
  const label = () => in_player(page, '(_, part) => part("fullscreen-button").getAttribute("aria-label")');
  const press = async () => {
    await page.mouse.move(300, 200);
    await page.locator('live-player').locator('[part~=fullscreen-button]').click();
  };
  await press();
  await until('full screen', () => page.evaluate(() => window.__player.matches(':fullscreen')));
  await until('its words', async () => (await label()) === 'Leave full screen');
  await press();
  await until('no full screen', () => page.evaluate(() => document.fullscreenElement === null));
  await until('its words', async () => (await label()) === 'Full screen');
  await press();
  await until('full screen', () => page.evaluate(() => document.fullscreenElement !== null));
  await page.evaluate(() => document.querySelector('home-card').remove());
  await until('no full screen', () => page.evaluate(() => document.fullscreenElement === null));
});

test('the text styles of a page in another script direction do not reach in', async (t) => {
  const style = 'font:italic 30px/3 serif;letter-spacing:4px;text-transform:uppercase;text-align:right;color:#c00;text-shadow:0 0 4px lime;word-spacing:9px;cursor:crosshair;text-indent:2em;white-space:pre';
  const { page } = await hosted(t, `<body dir="rtl" style="${style}"><style>* { letter-spacing: 3px; direction: rtl } button { background: red !important }</style>${module_tag}<live-player src="{{server}}/stream" muted autoplay controls style="width:640px"></live-player>`);
  await goes_live(page, { seconds: 20 });
  await has_controls(page);
  const seen = await in_player(page, `(player) => [...player.shadowRoot.querySelectorAll('.words, .panel, .headline, .toast, button')].map((element) => {
    const { direction, letterSpacing, wordSpacing, textTransform, textIndent, fontStyle, color } = getComputedStyle(element);
    return [direction, letterSpacing, wordSpacing, textTransform, textIndent, fontStyle, color === 'rgb(204, 0, 0)'].join();
  })`);
  assert.ok(seen.length > 8);
  assert.deepEqual([...new Set(seen)], ['ltr,normal,0px,none,0px,normal,false']);
  const { play, full } = await in_player(page, '(_, part) => ({ play: part("play-button").getBoundingClientRect().left, full: part("fullscreen-button").getBoundingClientRect().left })');
  assert.ok(play < full);
});

test('out of view or not displayed it downloads nothing; with sound it goes on', async (t) => {
  const { server, page } = await hosted(t, `${module_tag}<div id="top" style="height:3000px">top</div>
    <div id="box"><live-player src="{{server}}/stream" muted autoplay controls style="width:320px"></live-player></div>`);
  await sleep(2000);
  assert.equal((await server.stats()).connections.clients_total, 0, 'far below the window nothing is asked for');
  assert.deepEqual(await in_player(page, '({ state, paused }) => [state, paused]'), ['resting', false]);
  await page.evaluate(() => document.getElementById('box').scrollIntoView());
  await goes_live(page);
  await page.evaluate(() => { document.getElementById('box').style.display = 'none'; });
  await until('no client downloads', async () => (await server.stats()).connections.clients === 0);
  await page.evaluate(() => { document.getElementById('box').style.display = ''; });
  await goes_live(page);
  await in_player(page, '(player) => { player.muted = false; }');
  await until('sound', () => in_player(page, '(player) => /mp4a/.test(player.media.codecs)'));
  await page.evaluate(() => scrollTo(0, 0));
  await sleep(2500);
  assert.equal((await server.stats()).connections.clients, 1, 'sound goes on');
  await in_player(page, '(player) => { player.muted = true; }');
  await until('no client downloads', async () => (await server.stats()).connections.clients === 0);
});

test('moved, it keeps sound, pause and element; taken out and put in, what was asked for', async (t) => {
  const { page } = await hosted(t, `${module_tag}<div id="a" style="width:320px"><live-player src="{{server}}/stream" muted autoplay controls></live-player></div><div id="b" style="width:320px"></div>`);
  await goes_live(page, { seconds: 20 });
  await in_player(page, '(player) => { player.muted = false; player.volume = 0.3; }');
  await until('sound', () => in_player(page, '(player) => /mp4a/.test(player.media.codecs) && !player.video.paused'));
  await in_player(page, '(player) => { window.__video = player.video; document.getElementById("b").append(player); }');
  await goes_live(page);
  assert.deepEqual(await in_player(page, '(player) => [player.muted, player.volume, player.video === window.__video]'), [false, 0.3, true]);
  await in_player(page, '(player) => { player.pause(); window.__player = player; player.remove(); }');
  await sleep(200);
  await page.evaluate(() => document.getElementById('a').append(window.__player));
  await sleep(800);
  assert.deepEqual(await in_player(page, '(player) => [player.paused, player.muted, player.volume]'), [true, false, 0.3]);
});

test('properties, attributes and events are those of <video>', async (t) => {
  const { server, page } = await hosted(t, `<script>const early = document.createElement('live-player'); early.src = '{{server}}/stream'; early.muted = true; early.controls = true; document.documentElement.append(early);</script>${module_tag}`);
  await until('it is defined', () => page.evaluate(() => customElements.get('live-player') !== undefined));
  assert.deepEqual(await in_player(page, '(player) => [player.getAttribute("src"), player.muted, player.hasAttribute("controls"), player.paused, Object.keys(player).includes("src")]'), [`${server.url}/stream`, true, true, true, false]);
  const events = await page.evaluate(async () => {
    const player = document.querySelector('live-player');
    const seen = [];
    for (const name of ['play', 'pause', 'volumechange']) player.addEventListener(name, () => seen.push(name));
    await player.play();
    player.volume = 0.5;
    player.pause();
    const refused = player.play();
    player.pause();
    seen.push(await refused.catch((error) => error.name));
    player.play();
    player.remove();
    return seen;
  });
  assert.deepEqual(events, ['play', 'volumechange', 'pause', 'play', 'pause', 'AbortError', 'play']);
  await page.evaluate(() => {
    const player = document.createElement('live-player');
    player.setAttribute('src', 'http://[');
    window.__errors = [];
    player.addEventListener('error', ({ detail }) => window.__errors.push(detail.detail));
    document.body.append(player);
  });
  assert.deepEqual(await page.evaluate(() => window.__errors), ['bad-address']);
  assert.match(await in_player(page, '(player) => player.words'), /not a URL: http:\/\/\[/);
  assert.deepEqual(page.problems, []);
});

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const violations = (page) => page.evaluate(async () => {
  const { violations: found, passes } = await window.axe.run(document);
  if (passes.length < 10) return ['axe looked at nothing'];
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat().join(' ')).join(', ')}`);
});

test('axe finds nothing on the pages, with panels open, light and dark', async (t) => {
  const server = await start_server(t, { env });
  for (const colorScheme of ['light', 'dark']) {
    const browser = await start_browser(t, { colorScheme });
    await browser.addInitScript(axe);
    const page = await open_page(browser, server.url);
    await goes_live(page, { seconds: 20 });
    await has_controls(page);
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('i');
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('?');
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await page.click('#embed');
    assert.deepEqual(await violations(page), []);
    for (const path of ['statistics', 'selftest']) {
      const other = await open_page(browser, `${server.url}/${path}`);
      await sleep(1500);
      assert.deepEqual(await violations(other), [], path);
      assert.deepEqual(other.problems, []);
    }
  }
});
