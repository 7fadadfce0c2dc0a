// Sound and its buttons in Chromium: a stream without sound, the button that offers sound, volume and mute.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { open_page, start_browser } from '../lib/browser.mjs';
import { goes_live, has_controls, in_player, player_state } from '../lib/player.mjs';
import { start_server, temporary_directory } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

async function playing(t, { source = 'demo', path = '/?muted=1', viewport } = {}) {
  const server = await start_server(t, { env: { VIDEO_FILE: source, VIDEO_RESOLUTION: '320x180' } });
  const page = await open_page(await start_browser(t, viewport ? { viewport } : {}), server.url + path);
  await goes_live(page, { seconds: 20 });
  await has_controls(page);
  return { server, page };
}
const shown = (page, name) => in_player(page, `(player, part) => { const { visibility, display, opacity } = getComputedStyle(part("${name}")); return display !== 'none' && visibility === 'visible' && opacity > 0.05; }`);
const label = (page, name) => in_player(page, `(_, part) => part("${name}").getAttribute("aria-label")`);

test('a stream without sound offers none, muted or not', async (t) => {
  const silent = join(temporary_directory(t), 'silent.mp4');
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=s=320x180:r=25', '-t', '10', '-c:v', 'libx264', '-preset', 'ultrafast', '-an', silent]);
  const { page } = await playing(t, { source: silent });
  assert.deepEqual(await in_player(page, '(player) => [player.muted, player.hasSound]'), [true, false]);
  assert.equal(await shown(page, 'sound-button'), false);
  assert.equal(await in_player(page, '(_, part) => part("mute-button").checkVisibility()'), false);
  await page.keyboard.press('m');
  assert.equal(await in_player(page, '(player) => player.shadowRoot.querySelector(".toast").textContent'), 'This stream has no sound');
  await in_player(page, '(player) => { player.muted = false; }');
  await goes_live(page);
  assert.equal(await shown(page, 'sound-button'), false);
  assert.deepEqual(page.problems, []);
});

test('the button for sound goes away by itself, returns on movement, and keeps the focus in the player', async (t) => {
  const { page } = await playing(t);
  assert.equal(await shown(page, 'sound-button'), true);
  const { box, host } = await in_player(page, '(player, part) => ({ box: part("sound-button").getBoundingClientRect().toJSON(), host: player.getBoundingClientRect().toJSON() })');
  for (const [x, y] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
    const corner = { x: host.x + x * host.width * 0.7, y: host.y + y * host.height * 0.8, width: host.width * 0.3, height: host.height * 0.2 };
    const apart = box.right < corner.x || box.left > corner.x + corner.width || box.bottom < corner.y || box.top > corner.y + corner.height;
    assert.ok(apart, 'clocks are burnt into corners');
  }
  await until('it is gone', async () => !(await shown(page, 'sound-button')), { seconds: 15 });
  await page.mouse.move(300, 250);
  await page.mouse.move(310, 250);
  await until('it is back', () => shown(page, 'sound-button'));
  await in_player(page, '(_, part) => part("sound-button").focus()');
  await page.keyboard.press('Enter');
  await until('sound', async () => !(await player_state(page)).muted);
  assert.equal(await in_player(page, '(player) => player.shadowRoot.activeElement?.className'), 'surface');
});

test('small players have small buttons, all inside', async (t) => {
  const { page } = await playing(t);
  for (const [width, height] of [[120, 68], [160, 90], [240, 135], [300, 169], [300, 400], [360, 202], [560, 315]]) {
    const found = await page.evaluate(async ([w, h]) => {
      const player = document.querySelector('live-player');
      const screen = document.querySelector('.screen');
      Object.assign(screen.style, { width: `${w}px`, height: `${h}px`, aspectRatio: 'auto' });
      await new Promise((resolve) => setTimeout(resolve, 50));
      const host = player.getBoundingClientRect();
      const boxes = [...player.shadowRoot.querySelectorAll('button')].filter((button) => button.checkVisibility({ visibilityProperty: true }) && !button.closest('[hidden]'))
        .map((button) => ({ name: button.getAttribute('part') ?? button.className, box: button.getBoundingClientRect() })).filter(({ box: { width: across } }) => across > 0);
      const outside = boxes.filter(({ box }) => box.left < host.left - 1 || box.right > host.right + 1 || box.top < host.top - 1 || box.bottom > host.bottom + 1).map(({ name }) => name);
      const sound = boxes.find(({ name }) => name === 'sound-button');
      return { outside, count: boxes.length, share: sound ? (sound.box.width * sound.box.height) / (w * h) : 0, sound: sound !== undefined };
    }, [width, height]);
    assert.deepEqual(found.outside, [], `${width}x${height}`);
    assert.ok(found.sound && found.share < 0.12, `${width}x${height}: ${JSON.stringify(found)}`);
    assert.ok(found.count >= 3, `${width}x${height}: ${JSON.stringify(found)}`);
  }
});

test('volume to 0, then the speaker: sound again, and words that are true', async (t) => {
  const { page } = await playing(t, { path: '/?muted=0' });
  await in_player(page, '(player) => { player.volume = 0.7; }');
  assert.equal(await label(page, 'mute-button'), 'Sound off');
  await in_player(page, '(_, part) => { const slider = part("volume"); slider.value = "0"; slider.dispatchEvent(new Event("input")); }');
  assert.equal(await label(page, 'mute-button'), 'Sound on');
  assert.equal(await in_player(page, '(_, part) => part("volume").getAttribute("aria-valuetext")'), 'Sound off');
  await in_player(page, '(_, part) => part("mute-button").click()');
  assert.deepEqual(await in_player(page, '(player) => [player.muted, player.volume]'), [false, 0.7]);
  assert.equal(await label(page, 'mute-button'), 'Sound off');
  assert.equal(await in_player(page, '(_, part) => part("volume").getAttribute("aria-valuetext")'), '70 %');
  assert.equal(await page.evaluate(() => navigator.mediaSession.metadata.title), 'Live');
  await in_player(page, '(_, part) => part("mute-button").click()');
  assert.equal(await page.evaluate(() => navigator.mediaSession.metadata), null, 'a muted player leaves the media keys to others');
});
