// Tells screen readers the player's state: rarely, because each announcement interrupts the reader. A state is told
// once it has lasted, and not again while it comes and goes.

const kLastsMs = 1500;
// Tell the same state again only after this long.
const kAgainMs = 30000;

export class Announcer {
  /** @param {(words: string) => void} say */
  constructor(say) {
    this.say_ = say;
    this.timer_ = 0;
    this.state_ = '';
    /** @type {Map<string, number>} state: when it was told last */
    this.toldAtMs_ = new Map();
  }

  /**
   * @param {string} state
   * @param {string} words
   */
  changed(state, words) {
    if (state === this.state_) return;
    this.state_ = state;
    clearTimeout(this.timer_);
    this.timer_ = setTimeout(() => {
      const now = performance.now();
      if (now - (this.toldAtMs_.get(state) ?? -Infinity) < kAgainMs) return;
      this.toldAtMs_.set(state, now);
      this.say_(words);
    }, kLastsMs);
  }

  destroy() {
    clearTimeout(this.timer_);
  }
}
