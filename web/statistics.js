// The page with the server's statistics: asks /stats every two seconds and draws what it has heard since it was opened.

import { make } from './player/dom.js';
import { drawPlot } from './player/plot.js';
import { RecentSamples } from './player/statistics.js';

/** @typedef {Record<string, unknown>} Fields */

const kEveryMs = 2000;
const kSpanMs = 10 * 60 * 1000;
const kFirstSpanMs = 60 * 1000;
const kAnswerWithinMs = 5000;
// Plots of counts have scales from 1 on, those of times from 100 on.
const kFine = 100;

/** @param {unknown} value @returns {Fields} */
const fieldsOf = (value) => (typeof value === 'object' && value !== null ? /** @type {Fields} */ (value) : {});
/** @param {unknown} value */
const numberOf = (value) => (typeof value === 'number' ? value : 0);
/** @param {unknown} value */
const textOf = (value) => (value === null || value === undefined || value === '' ? '–' : String(value));
/** @param {number} bps */
const inMbit = (bps) => `${(bps / 1e6).toFixed(2)} Mbit/s`;

/** @param {number} seconds */
function duration(seconds) {
  const [d, h, m] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (d > 0) return `${d} d ${h} h`;
  return h > 0 ? `${h} h ${m} min` : m > 0 ? `${m} min ${Math.floor(seconds) % 60} s` : `${Math.floor(seconds)} s`;
}

class Plot {
  /**
   * @param {string} name
   * @param {string} unit
   * @param {number} digits
   */
  constructor(name, unit, digits) {
    this.name = name;
    this.unit = unit;
    this.digits = digits;
    this.samples = new RecentSamples(kSpanMs);
    this.title = make('h2', {}, name);
    this.canvas = make('canvas', { role: 'img', 'aria-label': name });
    this.element = make('section', { class: 'card' }, this.title, this.canvas);
  }

  /** @param {number} value */
  add(value) {
    this.samples.add(performance.now(), value);
    const now = `${value.toFixed(this.digits)}${this.unit ? ` ${this.unit}` : ''}`;
    this.title.textContent = `${this.name}: ${now}`;
    this.canvas.setAttribute('aria-label', `${this.name} since this page was opened, now ${now}`);
    this.draw();
  }

  draw() {
    const now = performance.now();
    const heardMs = now - (this.samples.all[0]?.atMs ?? now);
    const style = getComputedStyle(document.documentElement);
    drawPlot(this.canvas, now, [{ series: this.samples.all, colour: style.getPropertyValue('--accent') }], {
      spanMs: Math.max(kFirstSpanMs, heardMs), unit: '', fineness: kFine, ink: style.getPropertyValue('--soft'), gapMs: 4 * kEveryMs,
    });
  }
}

const plots = {
  viewers: new Plot('Viewers', '', 0),
  sent: new Plot('Sent', 'Mbit/s', 2),
  bitrate: new Plot('Bitrate', 'Mbit/s', 2),
  fps: new Plot('Pictures per second', '', 1),
};
/** @type {{atMs: number, bytes: number} | null} */
let before = null;

/**
 * @param {string} id of a dl
 * @param {[string, string][]} rows
 */
function list(id, rows) {
  const target = document.getElementById(id);
  if (!target) return;
  const text = rows.flat().join('\n');
  if (target.dataset['text'] === text) return;
  target.dataset['text'] = text;
  target.replaceChildren(...rows.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]));
}

/**
 * @param {string} grade good, fair or bad
 * @param {string} words
 */
function tell(grade, words) {
  const verdict = document.getElementById('verdict');
  if (!verdict) return;
  verdict.hidden = false;
  verdict.dataset['grade'] = grade;
  if (verdict.textContent !== words) verdict.textContent = words;
}

/** @param {Fields} source */
function tellSource(source) {
  const state = textOf(source['state']);
  const trouble = source['last_error'] ?? source['warning'];
  if (state === 'running') tell(trouble ? 'fair' : 'good', trouble ? `The source runs. ${String(trouble)}` : 'The source runs.');
  else if (state === 'stopped' && !trouble) tell('fair', 'The source is stopped, because there are no viewers.');
  else tell(state === 'starting' ? 'fair' : 'bad', `The source is ${state}${trouble ? `: ${String(trouble)}` : '.'}`);
}

/** @param {Fields} told */
function show(told) {
  const [source, stream, connections, config, server] =
    ['source', 'stream', 'connections', 'config', 'server'].map((name) => fieldsOf(told[name]));
  if (!source || !stream || !connections || !config || !server) return;
  tellSource(source);
  const tracks = Array.isArray(stream['tracks']) ? stream['tracks'].map(fieldsOf) : [];
  list('source', [
    ['Address', textOf(source['url'])], ['Kind', textOf(source['kind'])], ['State', textOf(source['state'])],
    ['Since', new Date(numberOf(source['since']) * 1000).toLocaleString()],
    ['Restarts', textOf(source['restarts'])], ['Last error', textOf(source['last_error'])],
    ['Notes', Array.isArray(source['notes']) && source['notes'].length > 0 ? source['notes'].join('; ') : '–'],
  ]);
  list('encoder', [
    ...tracks.map((track) => /** @type {[string, string]} */ ([track['kind'] === 'video' ? 'Picture' : 'Sound',
      track['kind'] === 'video' ? `${track['codec']}, ${track['width']} × ${track['height']}` :
        `${track['codec']}, ${numberOf(track['sample_rate']) / 1000} kHz`])),
    ['Encoder', textOf(config['video_codec'])], ['Quality (CRF)', textOf(config['video_crf'])],
    ['Speed', `${numberOf(source['speed']).toFixed(2)}×`], ['Pictures per second', numberOf(source['fps']).toFixed(1)],
    ['Bitrate', inMbit(numberOf(source['bitrate_bps']))], ['Dropped samples', textOf(source['dropped_samples'])],
  ]);
  list('server', [
    ['Viewers', `${textOf(connections['clients'])} of ${textOf(connections['max_clients'])}`],
    ['Since the start', textOf(connections['clients_total'])], ['Refused', textOf(connections['clients_refused'])],
    ['Left out for slow viewers', `${textOf(connections['chunks_dropped'])} fragments`],
    ['Running for', duration(numberOf(server['uptime_seconds']))],
    ['Threads', String(Array.isArray(server['workers']) ? server['workers'].length : 0)],
  ]);
  plots.viewers.add(numberOf(connections['clients']));
  plots.bitrate.add(numberOf(source['bitrate_bps']) / 1e6);
  plots.fps.add(numberOf(source['fps']));
  const bytes = numberOf(stream['bytes_sent']);
  const atMs = performance.now();
  if (before && bytes >= before.bytes) plots.sent.add(((bytes - before.bytes) * 8) / 1000 / (atMs - before.atMs));
  before = { atMs, bytes };
  showViewers(Array.isArray(told['viewers']) ? told['viewers'].map(fieldsOf) : []);
}

/** @param {Fields[]} viewers */
function showViewers(viewers) {
  const section = document.getElementById('viewers');
  if (!section) return;
  section.hidden = viewers.length === 0;
  const rows = viewers.map((viewer) => {
    const player = fieldsOf(viewer['player']);
    return [textOf(viewer['remote_address']), programOf(textOf(viewer['user_agent'])), viewer['audio'] ? 'yes' : 'no',
      duration(numberOf(viewer['connected_seconds'])), `${(numberOf(viewer['bytes_sent']) / 1e6).toFixed(1)} MB`,
      textOf(viewer['fragments_dropped']), textOf(player['latency_p50_ms']), textOf(player['stalls'])];
  });
  section.querySelector('thead')?.replaceChildren(make('tr', {},
    ...['Address', 'Program', 'Sound', 'For', 'Sent', 'Left out', 'Delay, ms', 'Stalls'].map((name) => make('th', { scope: 'col' }, name))));
  section.querySelector('tbody')?.replaceChildren(...rows.map((row) => make('tr', {}, ...row.map((cell) => make('td', {}, cell)))));
}

/** @param {string} agent */
function programOf(agent) {
  const found = /(Firefox|Edg|OPR|Chrome|Version)\/(\d+)/.exec(agent);
  if (!found) return agent.slice(0, 40);
  const names = /** @type {Record<string, string>} */ ({ Edg: 'Edge', OPR: 'Opera', Version: 'Safari' });
  return `${names[found[1] ?? ''] ?? found[1]} ${found[2]}`;
}

async function ask() {
  try {
    const response = await fetch('stats', { cache: 'no-store', signal: AbortSignal.timeout(kAnswerWithinMs) });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    show(fieldsOf(await response.json()));
  } catch (error) {
    tell('bad', `No statistics: ${error instanceof Error && error.message.startsWith('the server') ? error.message : 'the server does not answer'}. It is asked again every two seconds.`);
  }
  setTimeout(() => void ask(), document.visibilityState === 'visible' ? kEveryMs : 5 * kEveryMs);
}

document.querySelector('.loading')?.remove();
document.getElementById('plots')?.append(...Object.values(plots).map((plot) => plot.element));
addEventListener('resize', () => Object.values(plots).forEach((plot) => plot.draw()));
void ask();
// The last statement: early.js tells by it that the whole file came.
document.documentElement.dataset['script'] = 'whole';
