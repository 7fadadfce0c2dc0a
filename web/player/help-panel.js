// The list of keys.

import { make } from './dom.js';
import { icon } from './icons.js';

/** Keys, meaning, and other keys for the same, which small players leave out. @type {[string[], string, string[]][]} */
const kKeys = [
  [['Space'], 'Pause, and back to live', ['K']],
  [['M'], 'Sound on or off', []],
  [['↑', '↓'], 'Louder, quieter', []],
  [['→'], 'Jump to live', ['End']],
  [['F'], 'Full screen', []],
  [['P'], 'Picture in picture', []],
  [['I'], 'Statistics', []],
  [['?'], 'This list', []],
];

export class HelpPanel {
  /** @param {() => void} onToggle */
  constructor(onToggle) {
    this.onToggle_ = onToggle;
    const close = make('button', { type: 'button', class: 'close', 'aria-label': 'Close help' },
      icon('close'));
    close.addEventListener('click', () => this.setOpen(false));
    const list = make('dl');
    for (const [keys, meaning, others] of kKeys) {
      list.append(make('dt', {}, ...keys.map((key) => make('kbd', {}, key)), ...others.map((key) => make('kbd', { class: 'more' }, key))),
        make('dd', {}, meaning));
    }
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
