// The wall: which tiles there are, where they stand, which one has the focus, and which one is enlarged. The last is
// kept in the address (#NAME), so that Back returns to the wall.

import { Arrangement } from './arrangement.js';
import { arrange } from './layout.js';
import { Tile } from './tile.js';

/** @typedef {import('./stream-list.js').Entry} Entry */
/** @typedef {import('./layout.js').Box} Box */
/** @typedef {{list: HTMLElement, notice: HTMLElement, count: HTMLElement, name: HTMLElement, page: HTMLAnchorElement}} Parts */
/** chosen: names of the only ones to show, null for all; columns: 0 when not given. @typedef {{chosen: string[] | null, columns: number}} Options */

const kGapPx = 6;
// The tiles behind an enlarged one play on for this long, so that a short look does not stop them.
const kCoveredMs = 10000;

export class Wall {
  /**
   * @param {Parts} parts
   * @param {Options} options
   */
  constructor(parts, options) {
    this.parts_ = parts;
    this.options_ = options;
    this.arrangement = new Arrangement();
    /** In the order in which they are shown. @type {Tile[]} */
    this.tiles = [];
    /** Their places, in the same order. @type {Box[]} */
    this.boxes = [];
    /** The tile to which keys apply. @type {Tile | null} */
    this.current = null;
    /** @type {Tile | null} */
    this.enlarged = null;
    this.coveredTimer_ = 0;
    this.layoutTimer_ = 0;
    /** Whether Back leads to the wall. */
    this.entered_ = false;
    addEventListener('resize', () => this.layOut_());
    addEventListener('hashchange', () => this.follow_());
    parts.list.addEventListener('focusin', ({ target }) => this.focused_(this.tileAt_(target)));
    parts.list.addEventListener('click', (event) => this.clicked_(event));
  }

  get fullScreen() {
    return document.fullscreenElement === document.documentElement;
  }

  toggleFullScreen() {
    const done = this.fullScreen ? document.exitFullscreen() : document.documentElement.requestFullscreen?.();
    done?.catch(() => {});
  }

  /** @param {Entry[] | null} entries the server's list; null when it does not answer */
  take(entries) {
    if (entries) this.update_(entries);
    const words = this.words_(entries);
    const { notice } = this.parts_;
    if (words === null) return;
    notice.className = 'notice';
    notice.hidden = words === '';
    if (notice.textContent !== words) notice.textContent = words;
    this.count_();
    this.layOut_();
    if (entries) this.follow_();
  }

  /** @param {number} columns 0 for as many as fit best */
  setColumns(columns) {
    this.arrangement.columns = columns;
    this.arrangement.save();
    this.layOut_();
  }

  /** @param {Tile} tile */
  toggleLarge(tile) {
    this.arrangement.toggleLarge(tile.name);
    this.layOut_();
  }

  /**
   * @param {Tile} tile
   * @param {Tile} place whose place it takes
   */
  move(tile, place) {
    // The order of a dashboard is in its address.
    if (this.options_.chosen) return;
    this.arrangement.move(this.tiles.map(({ name }) => name), tile.name, place.name);
    this.sort_();
    this.layOut_();
  }

  /**
   * @param {Element} element
   * @param {Element} place
   */
  moveElement(element, place) {
    const [tile, other] = [this.tileAt_(element), this.tileAt_(place)];
    if (tile && other) this.move(tile, other);
  }

  /** @param {Tile} tile */
  focus(tile) {
    tile.link.focus();
    tile.element.scrollIntoView({ block: 'nearest' });
  }

  /** @param {string | null} name of the stream to enlarge; null for all */
  show(name) {
    const hash = name === null ? '' : `#${encodeURIComponent(name)}`;
    const address = `${location.pathname}${location.search}${hash}`;
    if (name !== null && !this.enlarged) {
      this.entered_ = true;
      history.pushState(null, '', address);
    } else if (name === null && this.entered_) {
      this.entered_ = false;
      this.enlarge_(null);
      history.back();
      return;
    } else {
      history.replaceState(null, '', address);
    }
    this.follow_();
  }

  /** @param {1 | -1} step from the enlarged camera to the one beside it */
  step(step) {
    const { enlarged, tiles } = this;
    if (!enlarged) return;
    const next = tiles[(tiles.indexOf(enlarged) + step + tiles.length) % tiles.length];
    if (!next || next === enlarged) return;
    if (enlarged.sounds) next.player.muted = false;
    this.show(next.name);
  }

  /** Does what the address says. */
  follow_() {
    // Names have no characters that an address would encode.
    const name = location.hash.slice(1);
    this.enlarge_(this.tiles.find((tile) => tile.name === name) ?? null);
  }

  /** @param {Tile | null} tile */
  enlarge_(tile) {
    const before = this.enlarged;
    if (before === tile) return;
    this.enlarged = tile;
    clearTimeout(this.coveredTimer_);
    const { list, name, page } = this.parts_;
    list.classList.remove('solo');
    document.documentElement.classList.toggle('single', tile !== null);
    before?.setEnlarged(false);
    tile?.setEnlarged(true);
    document.title = tile ? `${tile.entry.title} – Live` : 'Live';
    if (tile) {
      this.focused_(tile);
      name.textContent = tile.entry.title;
      page.href = `${encodeURIComponent(tile.name)}/`;
      tile.element.focus({ preventScroll: true });
      this.coveredTimer_ = Number(setTimeout(() => list.classList.add('solo'), kCoveredMs));
    } else {
      before?.link.focus({ preventScroll: true });
    }
  }

  /** @param {MouseEvent} event */
  clicked_(event) {
    const tile = this.tileAt_(event.target);
    if (!tile || !(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest('.choose')) {
      event.preventDefault();
      this.show(tile.name);
    } else if (event.target.closest('.sizer')) {
      this.toggleLarge(tile);
    }
  }

  /** @param {Entry[]} entries */
  update_(entries) {
    const { chosen } = this.options_;
    const wanted = entries.filter(({ name }) => !chosen || chosen.includes(name));
    for (const tile of this.tiles) {
      if (wanted.some(({ name }) => name === tile.name)) continue;
      if (tile === this.enlarged) this.show(null);
      if (tile === this.current) this.current = null;
      tile.remove();
    }
    const kept = this.tiles.filter(({ element }) => element.isConnected);
    this.tiles = wanted.map((entry) => {
      const tile = kept.find(({ name }) => name === entry.name) ?? this.add_(entry);
      tile.update(entry);
      return tile;
    });
    this.sort_();
  }

  /** @param {Entry} entry */
  add_(entry) {
    const tile = new Tile(entry, {
      onSound: (louder) => {
        for (const other of this.tiles) if (other !== louder && !other.player.muted) other.player.muted = true;
      },
      onChange: () => this.changed_(),
    });
    this.parts_.list.append(tile.element);
    return tile;
  }

  sort_() {
    const names = this.tiles.map(({ name }) => name);
    const order = this.options_.chosen ?? this.arrangement.sorted(names);
    this.tiles.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
    this.focused_(this.current ?? this.tiles[0] ?? null);
  }

  /** @param {Tile | null} current */
  focused_(current) {
    if (!current) return;
    this.current = current;
    for (const { link } of this.tiles) link.tabIndex = link === current.link ? 0 : -1;
  }

  /** A tile has another state or shape. */
  changed_() {
    // Many change at once when the page begins.
    if (this.layoutTimer_) return;
    this.layoutTimer_ = Number(setTimeout(() => {
      this.layoutTimer_ = 0;
      this.count_();
      this.layOut_();
    }, 50));
  }

  layOut_() {
    const { columns } = this.options_;
    const { list } = this.parts_;
    const { classList } = document.documentElement;
    const shapes = this.tiles.map((tile) => ({ ratio: tile.ratio, large: this.arrangement.large.has(tile.name) }));
    const { paddingLeft, paddingBottom } = getComputedStyle(list);
    const [side, below] = [parseFloat(paddingLeft), parseFloat(paddingBottom)];
    const room = {
      width: innerWidth - 2 * side, height: innerHeight - list.getBoundingClientRect().top - scrollY - 2 * below,
      gap: kGapPx, columns: columns || this.arrangement.columns, scrolls: columns === 0,
    };
    let layout = arrange(shapes, room);
    // Decided without the scrollbar, which changes the width.
    classList.toggle('scrolls', layout.height > room.height + 1);
    if (list.clientWidth < innerWidth) layout = arrange(shapes, { ...room, width: list.clientWidth - 2 * side });
    this.boxes = layout.boxes;
    list.classList.toggle('column', layout.columns === 1);
    list.style.setProperty('--height', `${layout.height}px`);
    this.tiles.forEach((tile, index) => {
      const box = layout.boxes[index];
      if (box) tile.place(box);
      tile.setLarge(this.arrangement.large.has(tile.name));
    });
  }

  count_() {
    const away = this.tiles.filter((tile) => tile.away).length;
    const all = this.tiles.length === 1 ? '1 camera' : `${this.tiles.length} cameras`;
    const words = away > 0 ? `${all}, ${away} away` : all;
    if (this.parts_.count.textContent !== words) this.parts_.count.textContent = words;
  }

  /**
   * @param {Entry[] | null} entries
   * @returns {string | null} what the viewer has to be told; null for what was told before
   */
  words_(entries) {
    if (!entries) return this.tiles.length > 0 ? null : 'The server does not answer. Trying again.';
    const unknown = this.options_.chosen?.filter((name) => !entries.some((entry) => entry.name === name)) ?? [];
    if (unknown.length > 0) return `This server has no camera named ${unknown.map((name) => `“${name}”`).join(' or ')}.`;
    return entries.length > 0 ? '' : 'This server has no camera. A new one appears here by itself.';
  }

  /** @param {EventTarget | null} target */
  tileAt_(target) {
    return this.tiles.find(({ element }) => target instanceof Node && element.contains(target)) ?? null;
  }
}
