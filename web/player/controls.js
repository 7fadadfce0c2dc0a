// Buttons, messages and keys over the picture. Keeps no state of the stream: update() reads everything from the
// player.

import { Announcer } from './announcer.js';
import { makeView } from './controls-view.js';
import { make } from './dom.js';
import { HelpPanel } from './help-panel.js';
import { icon } from './icons.js';
import { FullScreen, PictureInPicture } from './screen-modes.js';
import { StatisticsPanel } from './statistics-panel.js';

/** @typedef {import('./element.js').LivePlayer} LivePlayer */
/** @typedef {import('./states.js').PlayerState} PlayerState */

const kQuietAfterMs = 2600;
const kLeaveMs = 700;
const kDoubleClickMs = 230;
const kToastMs = 2200;
const kLatencyEveryMs = 1000;
const kVolumeStep = 0.05;
// The button for sound goes away by itself after this long.
const kOfferMs = 8000;
// The volume of sound that is switched on at volume 0.
const kAudibleVolume = 0.5;

/** @type {PlayerState[]} */
const kWaiting = ['connecting', 'source-starting', 'unreachable', 'full', 'stalled', 'source-lost'];
/** The words in the bar, where the message over the picture has the whole sentence. @type {Partial<Record<PlayerState, string>>} */
const kShortWords = {
  'catching-up': 'Live', 'source-lost': 'No source', 'source-starting': 'Starting', unreachable: 'Offline',
  full: 'Full', refused: 'Refused', stalled: 'Stalled', resting: 'Stopped', blocked: 'Ready', failed: 'Failed',
};
/** @type {PlayerState[]} */
const kPressPlay = ['idle', 'paused', 'blocked'];

export class Controls {
  /** @param {LivePlayer} player */
  constructor(player) {
    this.player_ = player;
    this.statistics_ = new StatisticsPanel(player, () => this.panelToggled_());
    this.help_ = new HelpPanel(() => this.panelToggled_());
    this.quietTimer_ = 0;
    this.offerTimer_ = 0;
    this.audibleVolume_ = player.volume || kAudibleVolume;
    this.clickTimer_ = 0;
    this.toastTimer_ = 0;
    this.listening_ = new AbortController();
    this.view_ = makeView(this.statistics_.element, this.help_.element);
    this.announcer_ = new Announcer((words) => setText(this.view_.announcement, words));
    this.fullScreen_ = new FullScreen(player, () => this.update());
    this.pip_ = new PictureInPicture(player, () => this.update());
    this.listen_();
    player.shadowRoot?.append(this.view_.root);
    this.wake_();
    this.latencyTimer_ = setInterval(() => this.updateLatency_(), kLatencyEveryMs);
  }

  /** @param {boolean} visible */
  setVisible(visible) {
    this.view_.root.classList.toggle('bare', !visible);
  }

  /**
   * Follows a new <video> of the player.
   * @param {HTMLVideoElement} video
   */
  adopt(video) {
    this.fullScreen_.watch(video);
    this.pip_.watch(video);
  }

  destroy() {
    this.listening_.abort();
    for (const timer of [this.quietTimer_, this.clickTimer_, this.toastTimer_, this.offerTimer_]) clearTimeout(timer);
    this.announcer_.destroy();
    clearInterval(this.latencyTimer_);
    this.statistics_.destroy();
    this.fullScreen_.destroy();
    this.pip_.destroy();
    this.view_.root.remove();
  }

  toggleStatistics() {
    this.statistics_.setOpen(!this.statistics_.open);
    if (this.statistics_.open) this.help_.setOpen(false);
  }

  update() {
    const { state, words, paused } = this.player_;
    const { root } = this.view_;
    root.dataset['state'] = state;
    const waiting = kWaiting.includes(state);
    root.classList.toggle('waiting', waiting);
    root.classList.toggle('press-play', kPressPlay.includes(state));
    root.classList.toggle('old-picture', this.player_.pictureAge !== null);
    root.classList.toggle('picture', this.player_.videoWidth > 0 && this.player_.shown);
    // Without the seconds of a countdown: words that change draw the eye away.
    const headline = words.replace(/,? retrying.*$/, '');
    // A message that fades away keeps its words.
    if (state !== 'live' && state !== 'catching-up') {
      setText(this.view_.headline, headline);
      setText(this.view_.explanation, asSentence(this.player_.sourceError) || this.player_.explanation);
    }
    setText(this.view_.stateWords, kShortWords[state] ?? headline);
    this.announcer_.changed(state, headline);
    show(this.view_.playButton, paused ? 'play' : 'pause', paused ? 'Play' : 'Pause', 'Space');
    const { label } = this.player_;
    this.view_.surface.setAttribute('aria-label', `${label || 'Live video'}. Press ? for keys.`);
    this.updateSound_(paused || waiting);
    const full = this.fullScreen_.active;
    show(this.view_.fullButton, full ? 'window' : 'fullscreen', full ? 'Leave full screen' : 'Full screen', 'F');
    this.view_.fullButton.hidden = !this.fullScreen_.possible;
    this.view_.pipButton.hidden = !this.pip_.possible;
    this.view_.pipButton.setAttribute('aria-pressed', String(this.pip_.active));
    if (this.busy_) root.classList.remove('quiet');
  }

  /** @param {boolean} away whether there is no moving picture to add sound to */
  updateSound_(away) {
    const { view_: view, player_: player } = this;
    const none = player.hasSound === false || player.audio === 'off';
    view.volume.hidden = none;
    show(view.muteButton, this.silent_ ? 'muted' : 'volume', this.silent_ ? 'Sound on' : 'Sound off', 'M');
    if (player.volume > 0) this.audibleVolume_ = player.volume;
    const level = player.muted ? 0 : player.volume;
    view.slider.value = String(level);
    view.slider.setAttribute('aria-valuetext', level === 0 ? 'Sound off' : `${Math.round(level * 100)} %`);
    view.slider.style.setProperty('--level', `${level * 100}%`);
    const offered = !view.soundButton.hidden;
    const offer = this.silent_ && !none && !away && player.hasSound === true;
    if (offer === offered) return;
    view.soundButton.hidden = !offer;
    clearTimeout(this.offerTimer_);
    view.root.classList.toggle('offering', offer);
    if (offer) this.offerTimer_ = setTimeout(() => view.root.classList.remove('offering'), kOfferMs);
  }

  /** Whether the bar tells something that the picture does not. */
  get busy_() {
    const { paused, state } = this.player_;
    return paused || state === 'slow' || kWaiting.includes(state);
  }

  get silent_() {
    return this.player_.muted || this.player_.volume === 0;
  }

  panelToggled_() {
    const { statisticsButton, helpButton } = this.view_;
    statisticsButton.setAttribute('aria-expanded', String(this.statistics_.open));
    helpButton.setAttribute('aria-expanded', String(this.help_.open));
  }

  /** @param {KeyboardEvent} event */
  handleKey(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    const onControl = target instanceof HTMLButtonElement || target instanceof HTMLInputElement;
    if (onControl && (event.key === ' ' || event.key === 'Enter')) return;
    if (target instanceof HTMLInputElement && event.key.startsWith('Arrow')) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      ' ': () => this.togglePlay_(),
      k: () => this.togglePlay_(),
      m: () => this.toggleMute_(),
      f: () => this.fullScreen_.toggle(),
      p: () => this.pip_.toggle(),
      i: () => this.toggleStatistics(),
      '?': () => this.toggleHelp_(),
      ArrowUp: () => this.changeVolume_(kVolumeStep),
      ArrowDown: () => this.changeVolume_(-kVolumeStep),
      ArrowRight: () => this.player_.goLive(),
      End: () => this.player_.goLive(),
      Escape: () => this.closePanels_(),
    };
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    if (event.key !== 'Escape') event.preventDefault();
    act();
    this.wake_();
  }

  listen_() {
    const { signal } = this.listening_;
    const { player_: player } = this;
    /**
     * @param {EventTarget} target
     * @param {string} type
     * @param {(event: Event) => void} act
     */
    const on = (target, type, act) => target.addEventListener(type, act, { signal });
    on(this.view_.playButton, 'click', () => this.togglePlay_());
    on(this.view_.bigPlay, 'click', () => {
      void player.play();
      this.keepFocus_(this.view_.bigPlay);
    });
    on(this.view_.muteButton, 'click', () => this.toggleMute_());
    on(this.view_.soundButton, 'click', () => {
      this.toggleMute_();
      this.keepFocus_(this.view_.soundButton);
    });
    on(this.view_.slider, 'input', () => this.setVolume_(Number(this.view_.slider.value)));
    on(this.view_.liveButton, 'click', () => player.goLive());
    on(this.view_.snapshotButton, 'click', () => void this.saveSnapshot_());
    on(this.view_.statisticsButton, 'click', () => this.toggleStatistics());
    on(this.view_.helpButton, 'click', () => this.toggleHelp_());
    on(this.view_.pipButton, 'click', () => this.pip_.toggle());
    on(this.view_.fullButton, 'click', () => this.fullScreen_.toggle());
    on(this.view_.surface, 'dblclick', () => {
      clearTimeout(this.clickTimer_);
      this.fullScreen_.toggle();
    });
    on(this.view_.surface, 'pointerup', (event) => this.clicked_(/** @type {PointerEvent} */ (event)));
    on(player, 'keydown', (event) => this.handleKey(/** @type {KeyboardEvent} */ (event)));
    on(player, 'focusin', () => this.wake_());
    on(player, 'pointermove', (event) => {
      if (/** @type {PointerEvent} */ (event).pointerType === 'mouse') this.wake_();
    });
    on(player, 'pointerleave', () => this.sleepIn_(kLeaveMs));
  }

  /** @param {PointerEvent} event */
  clicked_(event) {
    if (event.button !== 0) return;
    if (event.pointerType !== 'mouse') {
      if (this.view_.root.classList.contains('quiet')) this.wake_();
      else this.sleepIn_(0);
      return;
    }
    // Wait for a second click: a double click must not pause.
    clearTimeout(this.clickTimer_);
    if (event.detail > 1) return;
    this.clickTimer_ = setTimeout(() => this.togglePlay_(), kDoubleClickMs);
  }

  togglePlay_() {
    if (this.player_.paused) void this.player_.play();
    else this.player_.pause();
  }

  toggleMute_() {
    if (this.player_.hasSound === false) {
      this.say_('This stream has no sound');
      return;
    }
    const silent = this.silent_;
    if (silent && this.player_.volume === 0) this.player_.volume = this.audibleVolume_;
    this.player_.muted = !silent;
    this.player_.remember();
    this.say_(silent ? 'Sound on' : 'Sound off');
  }

  /**
   * A button that hides itself would take the focus with it.
   * @param {HTMLElement} button
   */
  keepFocus_(button) {
    const within = this.player_.shadowRoot?.activeElement;
    if (!within || within === button) this.view_.surface.focus({ preventScroll: true });
  }

  /** @param {number} volume */
  setVolume_(volume) {
    this.player_.volume = volume;
    if (volume > 0 && this.player_.muted) this.player_.muted = false;
    this.player_.remember();
  }

  /** @param {number} step */
  changeVolume_(step) {
    const from = this.player_.muted ? 0 : this.player_.volume;
    this.setVolume_(Math.min(1, Math.max(0, from + step)));
    this.say_(`Volume ${Math.round(this.player_.volume * 100)} %`);
  }

  toggleHelp_() {
    this.help_.setOpen(!this.help_.open);
    if (this.help_.open) this.statistics_.setOpen(false);
  }

  closePanels_() {
    this.help_.setOpen(false);
    this.statistics_.setOpen(false);
  }

  async saveSnapshot_() {
    try {
      const url = URL.createObjectURL(await this.player_.snapshot());
      const name = `snapshot-${new Date().toISOString().replace(/[:.]/g, '-')}.png`;
      make('a', { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
      this.say_('Picture saved');
    } catch {
      this.say_('There is no picture yet');
    }
  }

  /** @param {string} words */
  say_(words) {
    this.view_.toast.textContent = words;
    this.view_.toast.classList.add('shown');
    clearTimeout(this.toastTimer_);
    this.toastTimer_ = setTimeout(() => this.view_.toast.classList.remove('shown'), kToastMs);
  }

  /** The viewer is active: show the controls for a while. */
  wake_() {
    this.view_.root.classList.remove('quiet');
    this.sleepIn_(kQuietAfterMs);
  }

  /** @param {number} delayMs */
  sleepIn_(delayMs) {
    clearTimeout(this.quietTimer_);
    this.quietTimer_ = setTimeout(() => {
      if (!this.busy_ && !this.view_.bar.matches(':focus-within:has(:focus-visible)')) this.view_.root.classList.add('quiet');
    }, delayMs);
  }

  updateLatency_() {
    const delay = this.player_.delayMs;
    const live = this.player_.state === 'live' || this.player_.state === 'catching-up';
    setText(this.view_.latencyText, live && delay !== null ? `${(delay / 1000).toFixed(2)} s` : '');
  }
}

/**
 * @param {HTMLButtonElement} element
 * @param {string} name of the icon
 * @param {string} label
 * @param {string} key
 */
function show(element, name, label, key) {
  if (element.dataset['icon'] === name) return;
  element.dataset['icon'] = name;
  element.setAttribute('aria-label', label);
  element.title = `${label} (${key})`;
  element.replaceChildren(icon(name));
}

/** @param {string} text */
const asSentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * @param {Element} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
