// Runs before anything else of the page. The build puts it into the page itself (cmake/embed_files.cmake), so that it
// cannot fail to load. It starts the player's worker, because a browser takes long to start one and can lay out the page
// at the same time; and it loads again what fails to load: the style sheet, the script, and a page that was cut short.
// A classic script, because modules run late.

/** @typedef {HTMLScriptElement | HTMLLinkElement} Part */

const kFirstMs = 300;
const kLongestMs = 5000;
// A request without an answer counts as failed after this long. Until the style sheet has come, browsers show nothing.
const kPatienceMs = { link: 5000, script: 15000 };
// A script that arrives and does not run may have been cut short; after this many tries the browser is the cause.
const kTriesOfAScript = 2;

/** @param {string} words */
function say(words) {
  const place = document.querySelector('.loading');
  if (place && place.textContent !== words) place.textContent = words;
}

/**
 * @param {EventTarget | null} target
 * @returns {Part | null}
 */
function partOf(target) {
  if (target instanceof HTMLScriptElement) return target.type === 'module' ? target : null;
  return target instanceof HTMLLinkElement && target.rel === 'stylesheet' ? target : null;
}

/**
 * A file that was cut short arrives without an error: the last thing in it is missing.
 * @param {Part} part
 */
function isWhole(part) {
  // Pages without a player set the mark at their end.
  const marked = document.documentElement.dataset['script'] === 'whole';
  if (part instanceof HTMLScriptElement) return marked || customElements.get('live-player') !== undefined;
  return getComputedStyle(document.documentElement).getPropertyValue('--page-css') !== '';
}

/** @param {Part} part */
function check(part) {
  if (part.isConnected && !isWhole(part)) loadAgain(part, '');
}

/**
 * @param {Part} part
 * @param {string} cause in words; empty when it is not known
 */
function loadAgain(part, cause) {
  // Scripts of a sandboxed frame count as those of another origin.
  const sandboxed = globalThis.origin === 'null' ? 'This frame is sandboxed without allow-same-origin. ' : '';
  say(`${cause || sandboxed}A part of this page did not load. Trying again.`);
  const tries = Number(part.dataset['tries'] ?? 0) + 1;
  const delayMs = Math.min(kLongestMs, kFirstMs * 2 ** (tries - 1));
  setTimeout(() => {
    if (part.isConnected && !isWhole(part)) replace(part, tries);
  }, delayMs * (0.7 + 0.6 * Math.random()));
}

/**
 * @param {Part} part
 * @param {number} tries
 */
function replace(part, tries) {
  const name = part instanceof HTMLScriptElement ? 'src' : 'href';
  const url = new URL(part.getAttribute(name) ?? '', document.baseURI);
  // Another address: browsers remember a module that failed, and a cache may have kept most of a file as all of it.
  url.searchParams.set('again', String(tries));
  const next = /** @type {Part} */ (document.createElement(part.localName));
  for (const { name: each, value } of part.attributes) next.setAttribute(each, value);
  next.setAttribute(name, url.href);
  next.dataset['tries'] = String(tries);
  part.replaceWith(next);
  setTimeout(check, kPatienceMs[name === 'src' ? 'script' : 'link'], next);
}

function watchParts() {
  document.addEventListener('error', ({ target }) => {
    const part = partOf(target);
    if (part) loadAgain(part, '');
  }, true);
  document.addEventListener('load', ({ target }) => {
    const part = partOf(target);
    if (!part || isWhole(part)) return;
    const old = part.localName === 'script' && Number(part.dataset['tries'] ?? 0) >= kTriesOfAScript;
    loadAgain(part, old ? 'This browser may be too old. ' : '');
  }, true);
  for (const [name, patienceMs] of Object.entries(kPatienceMs)) {
    setTimeout(() => {
      for (const element of document.querySelectorAll(name)) {
        const part = partOf(element);
        if (part) check(part);
      }
    }, patienceMs);
  }
}

function watchPage() {
  document.addEventListener('DOMContentLoaded', () => {
    // Each page ends with a <noscript>.
    if (document.querySelector('body > noscript:last-child')) return;
    say('A part of this page did not load. Trying again.');
    const reload = () => setTimeout(() => location.reload(), kFirstMs * (0.7 + 0.6 * Math.random()));
    // Replaces what the browser's cache has of the page.
    fetch(location.href, { cache: 'reload' }).then(reload, reload);
  });
}

function startWorker() {
  if (document.documentElement.dataset['player'] === 'none') return;
  if (!globalThis.MediaSource || !MediaSource.canConstructInDedicatedWorker) return;
  const early = /** @type {import('./player/engine-host.js').EarlyWorker} */ (globalThis);
  try {
    const worker = new Worker('player/worker.js', { type: 'module', name: 'live-player' });
    early.livePlayerWorker = worker;
    // It did not load; the player starts another.
    worker.onerror = () => {
      early.livePlayerWorker = undefined;
    };
  } catch {
    // A sandboxed frame: the player runs without a worker.
  }
}

startWorker();
watchParts();
watchPage();
