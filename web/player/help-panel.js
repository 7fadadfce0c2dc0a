// The list of keys.

import { make } from './dom.js';
import { icon } from './icons.js';

/** @type {[string, string][]} */
const kKeys = [
  ['Space', 'Pause, and back to live'],
  ['M', 'Sound on or off'],
  ['↑ ↓', 'Louder, quieter'],
  ['→', 'Jump to live'],
  ['F', 'Full screen'],
  ['I', 'Statistics'],
  ['?', 'This list'],
];

export class HelpPanel {
  /** @param {() => void} onToggle */
  constructor(onToggle) {
    this.onToggle_ = onToggle;
    const close = make('button', { type: 'button', class: 'close', 'aria-label': 'Close help' },
      icon('close'));
    close.addEventListener('click', () => this.setOpen(false));
    const list = make('dl');
    for (const [key, meaning] of kKeys) list.append(make('dt', {}, make('kbd', {}, key)), make('dd', {}, meaning));
    this.element = make('section', {
      class: 'panel help', part: 'help', 'aria-label': 'Keyboard shortcuts', hidden: '',
    }, make('h2', {}, 'Keys'), close, list);
  }

  get open() {
    return !this.element.hidden;
  }

  /** @param {boolean} open */
  setOpen(open) {
    this.element.hidden = !open;
    this.onToggle_();
  }
}
