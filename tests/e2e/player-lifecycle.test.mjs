// Back, tab switches, freezing, removal, and every order of play, pause, mute and attributes, in Chromium with the
// cache for Back, the throttling of hidden tabs and the real focus.
import assert from 'node:assert/strict';
import test from 'node:test';
import { start_plain_browser } from '../lib/cdp.mjs';
import { goes_live, in_player, player_state } from '../lib/player.mjs';
import { start_server } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const env = { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '320x180' };

async function opened(t, path = '/', { args } = {}) {
  const server = await start_server(t, { env });
  const browser = await start_plain_browser(t, { args });
  const tab = await browser.open(server.url + path);
  await tab.show();
  await goes_live(tab, { seconds: 20 });
  return { server, browser, tab };
}

test('Back shows a live picture, also after a pause in between', async (t) => {
  for (const query of ['/', '/?transport=ws']) {
    const { server, tab } = await opened(t, query);
    await tab.evaluate(() => { window.__mark = 'the same document'; });
    await tab.goto(`${server.url}/stats`);
    await until('no client downloads', async () => (await server.stats()).connections.clients === 0);
    await tab.back();
    await goes_live(tab);
    assert.equal((await player_state(tab)).mark, 'the same document', 'restored from the cache for Back');
    await in_player(tab, '(player) => player.pause()');
    await tab.goto(`${server.url}/stats`);
    await tab.back();
    await sleep(1500);
    assert.equal((await player_state(tab)).state, 'paused');
    await in_player(tab, '(player) => void player.play()');
    await goes_live(tab);
    await server.stop();
  }
});

test('another tab for a moment or longer: it plays on, and a pause stays', async (t) => {
  const { server, browser, tab } = await opened(t);
  const other = await browser.open('about:blank');
  for (const away_ms of [50, 400, 1500, 3000]) {
    await other.show();
    await until('the tab is hidden', () => tab.evaluate(() => document.visibilityState === 'hidden'));
    await sleep(away_ms);
    if (away_ms === 3000) assert.equal((await server.stats()).connections.clients, 0, 'hidden and muted it downloads nothing');
    await tab.show();
    await goes_live(tab);
  }
  await in_player(tab, '(player) => player.pause()');
  await other.show();
  await sleep(300);
  await tab.show();
  await sleep(1500);
  assert.equal((await player_state(tab)).state, 'paused');
  // Asked while hidden.
  await other.show();
  await sleep(100);
  await in_player(tab, '(player) => void player.play()');
  await tab.show();
  await goes_live(tab);
  await other.show();
  await sleep(100);
  await in_player(tab, '(player) => player.pause()');
  await tab.show();
  await sleep(1500);
  assert.deepEqual([(await player_state(tab)).state, await in_player(tab, '(player) => player.video.paused')], ['paused', true]);
});

test('a hidden tab with sound stays near the newest frame after an outage', async (t) => {
  const { server, browser, tab } = await opened(t, '/?muted=0', { args: ['--autoplay-policy=no-user-gesture-required'] });
  const other = await browser.open('about:blank');
  await other.show();
  await sleep(1500);
  server.kill('SIGSTOP');
  await sleep(2500);
  server.kill('SIGCONT');
  await goes_live(tab, { seconds: 20, behind: 1.2 });
  await tab.show();
  await goes_live(tab);
});

test('a person pauses and plays the element itself; the browser is not one', async (t) => {
  const { tab } = await opened(t);
  await sleep(600);
  await in_player(tab, '(player) => player.video.pause()');
  await until('paused', async () => (await player_state(tab)).state === 'paused');
  await in_player(tab, '(player) => void player.video.play()');
  await goes_live(tab);
});

// Steps of a page and of its viewer. Each changes what was asked for last: {playing, muted}.
const kSteps = {
  play: { script: '(p) => void p.play().catch(() => {})', asks: () => ({ playing: true }) },
  pause: { script: '(p) => p.pause()', asks: () => ({ playing: false }) },
  'pause, play': { script: '(p) => { p.pause(); void p.play(); }', asks: () => ({ playing: true }) },
  'play, pause': { script: '(p) => { void p.play(); p.pause(); }', asks: () => ({ playing: false }) },
  mute: { script: '(p) => { p.muted = true; }', asks: () => ({ muted: true }) },
  unmute: { script: '(p) => { p.muted = false; }', asks: () => ({ muted: false }) },
  'muted attribute': { script: '(p) => p.removeAttribute("muted") ?? p.setAttribute("muted", "")', asks: () => ({ muted: true }) },
  'other src': { script: '(p) => { p.src = p.src.includes("?") ? "stream" : "stream?a=1"; }', asks: () => ({}) },
  'src, pause': { script: '(p) => { p.src = "stream?b=" + Math.random(); p.pause(); }', asks: () => ({ playing: false }) },
  transport: { script: '(p) => { p.transport = p.transport === "ws" ? "fetch" : "ws"; }', asks: () => ({}) },
  controls: { script: '(p) => { p.controls = !p.controls; }', asks: () => ({}) },
  move: { script: '(p) => p.parentElement && document.querySelector(p.parentElement.matches(".screen") ? "main" : ".screen").append(p)', asks: () => ({}) },
  'out and in': { script: '(p) => { const at = p.parentElement; if (!at) return; p.remove(); setTimeout(() => at.append(p), 50); }', asks: () => ({}) },
  // Waits for its end, because timers of hidden tabs are late.
  'out, pause, in': { script: '(p) => new Promise((done) => { const at = p.parentElement ?? document.querySelector(".screen"); p.remove(); setTimeout(() => { p.pause(); at.append(p); done(); }, 30); })', asks: () => ({ playing: false }) },
  live: { script: '(p) => p.goLive()', asks: () => ({ playing: true }) },
  hide: { act: ({ other }) => other.show(), asks: () => ({}) },
  show: { act: ({ tab }) => tab.show(), asks: () => ({}) },
  // Browsers freeze hidden tabs alone.
  'hide, freeze, resume': { act: async ({ tab, other }) => {
    await other.show();
    await tab.lifecycle('frozen');
    await tab.lifecycle('active');
  }, asks: () => ({}) },
};
const kGapsMs = [0, 0, 5, 40, 150, 600, 1300];

function random_of(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test('each order and spacing of steps ends in what was asked for last', async (t) => {
  const seed = Number(process.env.LIVESTREAM_SEED ?? Date.now() % 1e9);
  t.diagnostic(`LIVESTREAM_SEED=${seed}`);
  const random = random_of(seed);
  const { browser, tab } = await opened(t, '/', { args: ['--autoplay-policy=no-user-gesture-required'] });
  const other = await browser.open('about:blank');
  await tab.show();
  await tab.evaluate(() => { window.__player = document.querySelector('live-player'); });
  const names = Object.keys(kSteps);
  let asked = { playing: true, muted: true };
  const rounds = process.env.LIVESTREAM_LONG ? 60 : 5;
  for (let round = 0; round < rounds; round++) {
    const taken = [];
    for (let i = 0; i < 8; i++) {
      const name = names[Math.floor(random() * names.length)];
      const gap_ms = kGapsMs[Math.floor(random() * kGapsMs.length)];
      const { script, act, asks } = kSteps[name];
      taken.push(`${name} +${gap_ms}`);
      if (script) await tab.evaluate(`(${script})(window.__player)`);
      else await act({ tab, other });
      asked = { ...asked, ...asks() };
      await sleep(gap_ms);
    }
    await tab.show();
    await until('the tab is visible', () => tab.evaluate(() => document.visibilityState === 'visible'));
    const told = `seed ${seed}, round ${round}: ${taken.join(', ')}`;
    await until('the player is in the page', () => tab.evaluate(() => window.__player.isConnected));
    if (asked.playing) {
      await goes_live(tab, { seconds: 20, behind: 1 }).catch((error) => { throw new Error(`${error.message}; ${told}`); });
    } else {
      await sleep(1200);
    }
    const is = await tab.evaluate(() => {
      const { paused, muted, video, state } = window.__player;
      return { paused, muted, element: video?.paused ?? true, silent: video ? video.muted : muted, state };
    });
    assert.deepEqual({ playing: !is.paused, muted: is.muted }, asked, `${told}: ${JSON.stringify(is)}`);
    assert.equal(is.element, !asked.playing, `${told}: ${JSON.stringify(is)}`);
    assert.equal(is.silent, asked.muted, `${told}: ${JSON.stringify(is)}`);
  }
});
