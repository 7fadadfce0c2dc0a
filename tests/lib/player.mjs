// The player of the page in a browser: its state, and whether it is live.
import { until } from './wait.mjs';

// {state, words, time, behind, frames, rate, width, muted, documents}, of the element on the screen.
export const player_state = (page) => page.evaluate(() => {
  const player = document.querySelector('live-player');
  const video = player?.video;
  if (!video) return { state: player?.state ?? null, words: player?.words ?? null, time: 0, behind: null, frames: 0, ranges: 0 };
  const { buffered } = video;
  return {
    state: player.state, words: player.words, time: video.currentTime, rate: video.playbackRate, muted: player.muted,
    behind: buffered.length ? buffered.end(buffered.length - 1) - video.currentTime : null, ranges: buffered.length,
    buffered: Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]),
    frames: player.statistics.decodedFrames, width: video.videoWidth, height: video.videoHeight, mark: window.__mark ?? null,
    ...player.media, ...player.statistics,
  };
});

// Waits until the player's state is live, its clock advances and it is near the newest frame. Returns the time in ms.
export async function goes_live(page, { seconds = 15, behind = 0.6 } = {}) {
  const from = Date.now();
  let last = null;
  let shown = null;
  await until('the player is live', async () => {
    const now = await player_state(page);
    const moved = last !== null && now.time > last.time && now.time - last.time < 1;
    last = now;
    shown = now;
    return moved && (now.state === 'live' || now.state === 'catching-up') && now.behind !== null && now.behind < behind;
  }, { seconds, every_ms: 50 }).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(shown)}`); });
  return Date.now() - from;
}

// Evaluates `action`, the text of a function of the player and of part(name), in the page.
export const in_player = (page, action) => page.evaluate(`(() => { const player = document.querySelector('live-player'); const part = (name) => player.shadowRoot.querySelector('[part~="' + name + '"]'); return (${action})(player, part); })()`);

// Waits for the controls, which are made after the picture; keys have no effect before.
export const has_controls = (page) => until('the controls are there', () => in_player(page, '(player) => player.controls_ !== null'));

// Marks the document, so that the test can detect a reload.
export const mark = (page) => page.evaluate(() => { window.__mark = 'the same document'; });

// Makes the page's tab hidden, or visible again.
export const set_hidden = (page, hidden) => page.evaluate((value) => {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (value ? 'hidden' : 'visible') });
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
  document.dispatchEvent(new Event('visibilitychange'));
}, hidden);
