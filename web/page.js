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
  player.label = document.title;
  return player;
}

/** @param {LivePlayer} player */
function describeStream(player) {
  const bps = player.statistics?.bitrateBps ?? 0;
  const facts = [];
  if (['live', 'catching-up', 'slow', 'paused'].includes(player.state)) {
    if (player.videoWidth > 0 && player.shown) facts.push(`${player.videoWidth} × ${player.videoHeight}`);
    if (bps > 0) facts.push(bps >= 1e6 ? `${(bps / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bps / 1e4) * 10} kbit/s`);
  }
  write('facts', facts.join(' · '));
}

/** The dialog with the code for other pages. */
function offerEmbedding() {
  const dialog = document.getElementById('embedding');
  if (!(dialog instanceof HTMLDialogElement)) return;
  const page = new URL('./', document.baseURI).href;
  const script = new URL('live-player.js', page).href;
  const stream = new URL('stream', page).href;
  const title = document.title.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  write('frame-code', `<iframe src="${page}" title="${title}" allow="autoplay; fullscreen; picture-in-picture"\n` +
    '  width="640" height="360" style="border: 0"></iframe>');
  // Loads the script again when it fails.
  write('element-code', `<live-player src="${stream}" label="${title}" muted autoplay controls>The player is loading.</live-player>\n` +
    '<script type="module">\n' +
    `  const load = (tries) => import(\`${script}?\${tries}\`).catch(() => setTimeout(load, 1000, tries + 1));\n` +
    '  load(0);\n' +
    '</script>');
  document.getElementById('embed')?.addEventListener('click', () => dialog.showModal());
  for (const button of dialog.querySelectorAll('button[data-copies]')) {
    button.addEventListener('click', () => void copy(/** @type {HTMLButtonElement} */ (button)));
  }
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const code = document.getElementById(button.dataset['copies'] ?? '');
  if (!code) return;
  try {
    await navigator.clipboard.writeText(code.textContent ?? '');
    button.textContent = 'Copied';
  } catch {
    // Only secure pages may use the clipboard: select the text, so that the viewer can copy it.
    getSelection()?.selectAllChildren(code);
    button.textContent = 'Selected';
  }
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 2000);
}

/**
 * The player's keys work on the whole page, but for those that the focused element or the page itself uses.
 * @param {KeyboardEvent} event
 * @param {LivePlayer} player
 */
function passKey(event, player) {
  const { target } = event;
  if (event.composedPath().includes(player) || !(target instanceof HTMLElement)) return;
  if (target.closest('dialog, input, textarea, select, [contenteditable]')) return;
  if ([' ', 'Enter'].includes(event.key) && target.closest('a, button, summary')) return;
  const root = document.documentElement;
  const scrolls = root.scrollHeight > root.clientHeight + 1;
  if (scrolls && ['ArrowUp', 'ArrowDown'].includes(event.key)) return;
  player.handleKey(event);
}

function begin() {
  document.documentElement.classList.toggle('framed', window.parent !== window);
  const player = makePlayer();
  document.querySelector('.screen')?.replaceChildren(player);
  player.addEventListener('resize', () => {
    const ratio = String(player.videoWidth / player.videoHeight);
    document.documentElement.style.setProperty('--ratio', ratio);
  });
  document.addEventListener('keydown', (event) => passKey(event, player));
  setInterval(() => describeStream(player), kFactsEveryMs);
  offerEmbedding();
}

begin();
