// One camera on the wall: its player, its name, and a link over the picture that enlarges it. The player stands in the
// page from the tile's beginning to its end and is never moved, so that the picture never stops.

import { LivePlayer } from '../live-player.js';
import { make } from '../player/dom.js';
import { icon } from '../player/icons.js';

/** @typedef {import('./stream-list.js').Entry} Entry */
/** @typedef {import('./layout.js').Box} Box */

/** States of a player that has no picture and should have one. @type {import('../player/states.js').PlayerState[]} */
const kAway = ['source-lost', 'unreachable', 'stalled', 'full', 'refused', 'failed'];
/** States in which a player hears nothing of its camera. @type {import('../player/states.js').PlayerState[]} */
const kDeaf = ['idle', 'resting'];
const kUnknownRatio = 16 / 9;
const kGrowMs = 180;

export class Tile {
  /**
   * @param {Entry} entry
   * @param {{onSound: (tile: Tile) => void, onChange: (tile: Tile) => void}} events sound was switched on; all else
   */
  constructor(entry, events) {
    this.name = entry.name;
    this.entry = entry;
    this.enlarged = false;
    this.player = new LivePlayer();
    for (const name of ['muted', 'autoplay']) this.player.toggleAttribute(name, true);
    this.player.setAttribute('src', `${encodeURIComponent(entry.name)}/stream`);
    this.title_ = make('span', { class: 'title' });
    this.mark_ = make('span', { class: 'sound' }, icon('volume'));
    this.link = make('a', { class: 'choose', href: `#${encodeURIComponent(entry.name)}`, tabindex: '-1' },
      make('span', { class: 'name' }, make('i', { class: 'dot' }), this.title_, this.mark_));
    this.sizer = make('button', { type: 'button', class: 'plain sizer', tabindex: '-1' });
    this.element = make('li', { class: 'tile', tabindex: '-1' }, this.player, this.link, this.sizer);
    this.player.addEventListener('statechange', () => {
      this.describe_();
      events.onChange(this);
    });
    this.player.addEventListener('resize', () => events.onChange(this));
    this.player.addEventListener('volumechange', () => {
      this.element.classList.toggle('sounding', this.sounds);
      if (this.sounds) events.onSound(this);
    });
    this.update(entry);
    this.setEnlarged(false);
  }

  get ratio() {
    const { videoWidth, videoHeight } = this.player;
    if (videoWidth > 0 && videoHeight > 0) return videoWidth / videoHeight;
    return this.entry.width && this.entry.height ? this.entry.width / this.entry.height : kUnknownRatio;
  }

  get sounds() {
    return !this.player.muted && this.player.volume > 0;
  }

  /** Whether there is no picture, and one is expected. */
  get away() {
    const { state } = this.player;
    return kAway.includes(state) || kDeaf.includes(state) && this.entry.state === 'waiting';
  }

  /** @param {Entry} entry */
  update(entry) {
    this.entry = entry;
    if (this.title_.textContent !== entry.title) this.title_.textContent = entry.title;
    if (this.player.label !== entry.title) this.player.label = entry.title;
    this.describe_();
  }

  /** @param {Box} box */
  place({ x, y, width, height }) {
    const { style } = this.element;
    for (const [name, value] of Object.entries({ x, y, width, height })) style.setProperty(`--${name}`, `${value}px`);
  }

  /** @param {boolean} large */
  setLarge(large) {
    const label = large ? 'Smaller' : 'Larger';
    if (this.sizer.title.startsWith(label)) return;
    this.sizer.title = `${label} (S)`;
    this.sizer.setAttribute('aria-label', `${label}: ${this.entry.title}`);
    this.sizer.replaceChildren(icon(large ? 'window' : 'fullscreen'));
  }

  /** @param {boolean} enlarged */
  setEnlarged(enlarged) {
    const from = this.element.getBoundingClientRect();
    const changes = this.enlarged !== enlarged;
    this.enlarged = enlarged;
    this.element.classList.toggle('enlarged', enlarged);
    // A tile is one link; what is in the player can be reached only in the enlarged one.
    this.player.inert = !enlarged;
    this.player.controls = enlarged;
    if (changes) this.grow_(from);
  }

  remove() {
    this.element.remove();
  }

  /** @param {DOMRect} from */
  grow_(from) {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const to = this.element.getBoundingClientRect();
    if (from.width === 0 || to.width === 0) return;
    const transform = `translate(${from.x - to.x}px, ${from.y - to.y}px) scale(${from.width / to.width}, ${from.height / to.height})`;
    this.element.animate([{ transform, transformOrigin: '0 0', zIndex: 3 }, { transform: 'none', transformOrigin: '0 0', zIndex: 3 }],
      { duration: kGrowMs, easing: 'ease-out' });
  }

  describe_() {
    const { state, words } = this.player;
    const said = kDeaf.includes(state) ? (this.away ? 'away' : 'not playing') : words.toLowerCase();
    this.element.dataset['state'] = this.away ? 'away' : state;
    // Without the seconds of a countdown.
    this.link.setAttribute('aria-label', `${this.entry.title}, ${said.replace(/,? retrying.*$/, '')}`);
  }
}
