// The overlay with the statistics: numbers and a plot.

import { make } from './dom.js';
import { icon } from './icons.js';
import { drawPlot } from './plot.js';

/** @typedef {import('./element.js').LivePlayer} LivePlayer */

const kLatencyColour = '#ffb454';
const kBufferColour = '#6cc7ff';
const kUpdateMs = 250;
// Rows that a small player leaves out.
const kMore = ['State', 'p50 / p95, 1 min', 'Speed', 'Codec', 'Transport', 'First frame'];

export class StatisticsPanel {
  /**
   * @param {LivePlayer} player
   * @param {() => void} onToggle
   */
  constructor(player, onToggle) {
    this.player_ = player;
    this.onToggle_ = onToggle;
    this.rows_ = make('dl');
    this.canvas_ = make('canvas', { role: 'img', 'aria-label': 'Latency and buffer over the last minute' });
    const close = make('button', { type: 'button', class: 'close', 'aria-label': 'Close statistics' },
      icon('close'));
    close.addEventListener('click', () => this.setOpen(false));
    const legend = make('p', { class: 'legend' }, make('span', { class: 'latency' }, 'latency'),
      make('span', { class: 'buffer' }, 'buffer'), make('span', {}, 'last minute'));
    this.element = make('section', {
      class: 'panel statistics', part: 'statistics', 'aria-label': 'Statistics', hidden: '',
    }, make('h2', {}, 'Statistics'), close, this.rows_, this.canvas_, legend);
    this.timer_ = 0;
  }

  get open() {
    return !this.element.hidden;
  }

  /** @param {boolean} open */
  setOpen(open) {
    this.element.hidden = !open;
    clearInterval(this.timer_);
    this.onToggle_();
    if (!open) return;
    this.update_();
    this.timer_ = setInterval(() => this.update_(), kUpdateMs);
  }

  destroy() {
    clearInterval(this.timer_);
  }

  update_() {
    const lines = describeReport(this.player_);
    const have = this.rows_.children.length / 2;
    for (let i = have; i < lines.length; i++) this.rows_.append(make('dt'), make('dd'));
    lines.forEach(([name, value], i) => {
      const term = this.rows_.children[2 * i];
      const text = this.rows_.children[2 * i + 1];
      if (term && term.textContent !== name) {
        term.textContent = name;
        for (const cell of [term, text]) cell?.classList.toggle('more', kMore.includes(name));
      }
      if (text && text.textContent !== value) text.textContent = value;
    });
    const samples = this.player_.samples;
    if (!samples) return;
    drawPlot(this.canvas_, performance.now(), [
      { series: samples.buffer, colour: kBufferColour },
      { series: samples.latency, colour: kLatencyColour },
    ]);
  }
}

/**
 * @param {LivePlayer} player
 * @returns {[string, string][]}
 */
function describeReport(player) {
  const report = player.statistics;
  const media = player.media;
  if (!report || !media) return [['State', player.words]];
  const { video } = player;
  /** @param {number | null} ms */
  const inMs = (ms) => (ms === null ? '–' : `${Math.round(ms)} ms`);
  const accuracy = report.clockErrorMs === null ? '' : ` ± ${Math.max(1, Math.round(report.clockErrorMs))} ms`;
  const size = video && video.videoWidth ? `${video.videoWidth} × ${video.videoHeight}` : '–';
  return [
    ['State', player.words],
    ['Latency', player.delayMs === null ? 'measuring' : inMs(player.delayMs) + accuracy],
    ['p50 / p95, 1 min', `${inMs(report.latencyP50Ms)} / ${inMs(report.latencyP95Ms)}`],
    ['Buffer', `${inMs(report.bufferMs)}, floor ${inMs(report.floorMs)}`],
    ['Speed', `${report.rate.toFixed(3)}×`],
    ['Frames', `${report.decodedFrames} decoded, ${report.droppedFrames} dropped`],
    ['Stalls / reconnects', `${report.stalls} / ${report.reconnects}`],
    ['Bitrate', `${(report.bitrateBps / 1e6).toFixed(2)} Mbit/s`],
    ['Codec', media.codecs || '–'],
    ['Size', size],
    ['Transport', `${media.transport === 'ws' ? 'WebSocket' : 'HTTP'}, ${media.inWorker ? 'worker' : 'page'}`],
    ['First frame', inMs(report.firstFrameMs)],
  ];
}
