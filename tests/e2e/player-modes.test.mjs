// Full screen, picture in picture, touch, and a full server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { open_page, start_browser } from '../lib/browser.mjs';
import { open_stream } from '../lib/http.mjs';
import { goes_live, has_controls, in_player, player_state, set_hidden } from '../lib/player.mjs';
import { start_server } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };

async function playing(t, { path = '/', browser = {} } = {}) {
  const server = await start_server(t, { env });
  const page = await open_page(await start_browser(t, browser), server.url + path);
  await goes_live(page, { seconds: 20 });
  await has_controls(page);
  return { server, page };
}

test('full screen, by key and by button', async (t) => {
  const { page } = await playing(t);
  const is_full = () => page.evaluate(() => document.fullscreenElement === document.querySelector('live-player'));
  await page.keyboard.press('f');
  await until('full screen', is_full);
  // The button changes with `fullscreenchange`, which comes a frame later.
  await until('the button says how to leave', async () =>
    (await in_player(page, '(_, part) => part("fullscreen-button").getAttribute("aria-label")')) === 'Leave full screen');
  await page.mouse.move(300, 300);
  await page.locator('live-player [part~="fullscreen-button"]').click();
  await until('the window again', async () => !(await is_full()));
  await goes_live(page);
});

test('picture in picture; a hidden tab with it goes on', async (t) => {
  const { server, page } = await playing(t, { path: '/?muted=1' });
  await page.mouse.move(300, 300);
  await page.locator('live-player [part~="pip-button"]').click();
  await until('picture in picture', () => page.evaluate(() => document.querySelector('live-player').shadowRoot.pictureInPictureElement !== null));
  await set_hidden(page, true);
  // Longer than the time after which a hidden tab stops the download.
  await sleep(2500);
  assert.notEqual((await player_state(page)).state, 'resting');
  assert.equal((await server.stats()).connections.clients, 1);
});

test('a touch shows the controls and hides them, and pauses nothing', async (t) => {
  const { page } = await playing(t, { browser: { hasTouch: true, isMobile: true, viewport: { width: 390, height: 700 } } });
  const is_quiet = () => in_player(page, '(player) => player.shadowRoot.querySelector(".quiet") !== null');
  await until('the controls are gone', is_quiet);
  const box = await page.locator('live-player').boundingBox();
  const tap = () => page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 3);
  await tap();
  await until('the controls are there', async () => !(await is_quiet()), { seconds: 1 });
  await tap();
  await until('the controls are gone', is_quiet, { seconds: 1 });
  assert.equal(await in_player(page, '(player) => player.paused'), false);
  await tap();
  await page.locator('live-player [part~="mute-button"]').tap();
  assert.equal(await in_player(page, '(player) => player.muted'), false);
});

for (const transport of ['fetch', 'ws']) {
  test(`a full server is said to be full, over ${transport}, and joined when it has a place`, async (t) => {
    const server = await start_server(t, { env: { ...env, MAX_CLIENTS: '1' } });
    const other = open_stream(t, server);
    await other.media(0.5);
    const page = await open_page(await start_browser(t), `${server.url}/?transport=${transport}`);
    await until('it says so', async () => (await player_state(page)).words === 'Server full');
    await other.close();
    await goes_live(page, { seconds: 20 });
  });
}
