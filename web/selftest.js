// Plays the server's test picture in this browser for ten seconds and reports how well it played. It does not play the
// stream, because a missing source would look like a browser that cannot play.

import { LivePlayer } from './live-player.js';
import { findMediaSource } from './player/media-source.js';
import { judge } from './player/verdict.js';

const kSeconds = 10;
const kStartWithinMs = 15000;
const kSourceWithinMs = 2000;
const kCodecs = {
  'H.264': 'video/mp4; codecs="avc1.42C01F"',
  'H.264 High': 'video/mp4; codecs="avc1.640028"',
  HEVC: 'video/mp4; codecs="hvc1.1.6.L93.B0"',
  AV1: 'video/mp4; codecs="av01.0.04M.08"',
  AAC: 'audio/mp4; codecs="mp4a.40.2"',
  Opus: 'audio/mp4; codecs="opus"',
};

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`no #${id}`);
  return element;
}

/** @returns {string} */
function describeSupport() {
  const media = findMediaSource(globalThis);
  if (!media) return 'none';
  const names = Object.entries(kCodecs).filter(([, mime]) => media.supports(mime)).map(([name]) => name);
  return names.join(', ');
}

/** The state of the stream's source. The self-test plays the demo, not this source. */
async function describeSource() {
  try {
    const { source } = await (await fetch('stats', { signal: AbortSignal.timeout(kSourceWithinMs) })).json();
    return source.state === 'running' || !source.last_error ? String(source.state) : `${source.state}: ${source.last_error}`;
  } catch {
    // A proxy may refuse /stats.
    return '–';
  }
}

/**
 * @param {LivePlayer} player
 * @returns {[string, string][]}
 */
function rowsOf(player) {
  const report = player.statistics;
  const { media, video } = player;
  /** @param {number | null | undefined} ms */
  const inMs = (ms) => (ms === null || ms === undefined ? '–' : `${Math.round(ms)} ms`);
  return [
    ['State', player.words],
    ['First frame', inMs(report?.firstFrameMs)],
    ['Latency, median', inMs(report?.latencyP50Ms)],
    ['Latency, 95 %', inMs(report?.latencyP95Ms)],
    ['Stalls', String(report?.stalls ?? 0)],
    ['Frames dropped', `${report?.droppedFrames ?? 0} of ${report?.decodedFrames ?? 0}`],
    ['Reconnects', String(report?.reconnects ?? 0)],
    ['Bitrate', `${((report?.bitrateBps ?? 0) / 1e6).toFixed(2)} Mbit/s`],
    ['Picture', video && video.videoWidth ? `${video.videoWidth} × ${video.videoHeight}` : '–'],
    ['Codecs', media?.codecs || '–'],
    ['Transport', `${media?.transport === 'ws' ? 'WebSocket' : 'HTTP'}, ${media?.inWorker ? 'worker' : 'page'}`],
    ['This browser plays', describeSupport()],
  ];
}

/** @param {[string, string][]} rows */
function show(rows) {
  byId('results', HTMLTableSectionElement).replaceChildren(...rows.map(([name, value]) => {
    const row = document.createElement('tr');
    const head = document.createElement('th');
    head.scope = 'row';
    head.textContent = name;
    const cell = document.createElement('td');
    cell.textContent = value;
    row.append(head, cell);
    return row;
  }));
}

/** @param {LivePlayer} player */
async function run(player) {
  const progress = byId('progress', HTMLProgressElement);
  const from = performance.now();
  while (!player.shown && player.state !== 'failed' && performance.now() - from < kStartWithinMs) {
    show(rowsOf(player));
    await pause(100);
  }
  const started = performance.now();
  while (player.shown && performance.now() - started < kSeconds * 1000) {
    progress.value = (performance.now() - started) / 1000;
    show(rowsOf(player));
    await pause(250);
  }
  progress.hidden = true;
}

async function test() {
  const player = new LivePlayer();
  for (const name of ['muted', 'autoplay']) player.setAttribute(name, '');
  player.setAttribute('src', 'demo');
  const transport = new URLSearchParams(location.search).get('transport');
  if (transport) player.setAttribute('transport', transport);
  document.querySelector('.screen')?.replaceChildren(player);
  await run(player);
  const { grade, words } = judge(player.shown, player.words, player.statistics);
  const rows = rowsOf(player);
  player.pause();
  rows.push(['Source of the stream', await describeSource()]);
  show(rows);
  // The verdict is written last: once it is there, the results are complete.
  const verdict = byId('verdict', HTMLParagraphElement);
  verdict.textContent = words;
  verdict.dataset['grade'] = grade;
  const copy = byId('copy', HTMLButtonElement);
  const text = [words, ...rows.map(([name, value]) => `${name}: ${value}`), navigator.userAgent].join('\n');
  copy.disabled = false;
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = 'Copied';
    } catch {
      // Only secure pages may use the clipboard: select the text, so that the viewer can copy it.
      getSelection()?.selectAllChildren(byId('results', HTMLTableSectionElement));
      copy.textContent = 'Selected, copy it with the keyboard';
    }
  });
  const again = byId('again', HTMLButtonElement);
  again.disabled = false;
  again.addEventListener('click', () => location.reload());
}

void test();
