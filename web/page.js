// The page around the player. URL parameters, also for frames: muted, autoplay, controls, each 0 or 1.

import { LivePlayer } from './live-player.js';
import { readPreferences } from './player/preferences.js';

const kFactsEveryMs = 1000;

/**
 * @param {URLSearchParams} query
 * @param {string} name
 * @param {boolean} otherwise
 */
function flag(query, name, otherwise) {
  const value = query.get(name);
  return value === null ? otherwise : !['0', 'false', 'no', 'off'].includes(value.toLowerCase());
}

/**
 * @param {string} id
 * @param {string} text
 */
function write(id, text) {
  const element = document.getElementById(id);
  if (element && element.textContent !== text) element.textContent = text;
}

/** @returns {LivePlayer} */
function makePlayer() {
  const query = new URLSearchParams(location.search);
  const player = new LivePlayer();
  // Muted by default, because browsers forbid sound without a gesture; a viewer's last choice is kept.
  const muted = flag(query, 'muted', readPreferences().muted ?? true);
  player.toggleAttribute('muted', muted);
  player.toggleAttribute('autoplay', flag(query, 'autoplay', true));
  player.toggleAttribute('controls', flag(query, 'controls', true));
  const transport = query.get('transport');
  if (transport) player.setAttribute('transport', transport);
  player.setAttribute('src', 'stream');
  return player;
}

/** @param {LivePlayer} player */
function describeStream(player) {
  const report = player.statistics;
  const video = player.video;
  const facts = [];
  if (video && video.videoWidth) facts.push(`${video.videoWidth} × ${video.videoHeight}`);
  if (report && report.bitrateBps > 0) facts.push(`${(report.bitrateBps / 1e6).toFixed(1)} Mbit/s`);
  if (report && report.latencyMs !== null && player.state === 'live') {
    facts.push(`${(Math.max(0, report.latencyMs) / 1000).toFixed(2)} s delay`);
  }
  write('facts', facts.join(' · '));
}

function offerEmbedding() {
  const script = new URL('live-player.js', document.baseURI).href;
  const stream = new URL('stream', document.baseURI).href;
  // Loads the script again when it fails.
  const code = `<live-player src="${stream}" muted autoplay controls>The player is loading.</live-player>\n` +
    '<script type="module">\n' +
    `  const load = (tries) => import(\`${script}?\${tries}\`).catch(() => setTimeout(load, 1000, tries + 1));\n` +
    '  load(0);\n' +
    '</script>';
  write('embed-code', code);
  const copy = document.getElementById('copy');
  copy?.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code);
      write('copy', 'Copied');
    } catch {
      // Only secure pages may use the clipboard: select the text, so that the viewer can copy it.
      const target = document.getElementById('embed-code');
      if (target) getSelection()?.selectAllChildren(target);
      write('copy', 'Selected');
    }
    setTimeout(() => write('copy', 'Copy'), 2000);
  });
}

function begin() {
  document.documentElement.classList.toggle('framed', window.parent !== window);
  const player = makePlayer();
  player.addEventListener('statechange', () => write('words', player.words));
  document.querySelector('.screen')?.replaceChildren(player);
  // The player's keys work on the whole page while no other element has the focus.
  document.addEventListener('keydown', (event) => {
    if (event.target === document.body) player.handleKey(event);
  });
  setInterval(() => describeStream(player), kFactsEveryMs);
  offerEmbedding();
}

begin();
