// Plays sound through an AudioContext, which needs less buffer: a <video> in Chromium reads sound far ahead and runs
// dry with 100 ms and more in the buffer; an AudioContext reads a few milliseconds at a time, so 50 ms are enough
// (docs/player.md, "Sound"). Main thread. The owner calls destroy().

// Slower outputs (wireless headphones) stay with the browser, because it delays the picture by the same time and an
// AudioContext does not.
const kMaxOutputLatencyS = 0.06;
// An AudioContext knows the latency of its output after this long.
const kSettleMs = 300;
// Only Chromium was measured; in other engines the sound may stop.
const kBlinkVendor = 'Google Inc.';

export class SoundRoute {
  /**
   * @param {() => void} onReady carry() can be called now
   * @param {() => void} onLost the carried elements no longer play
   */
  constructor(onReady, onLost) {
    this.onReady_ = onReady;
    this.onLost_ = onLost;
    /** @type {AudioContext | null} */
    this.context_ = null;
    this.settled_ = false;
    /** @type {WeakSet<HTMLVideoElement>} */
    this.carried_ = new WeakSet();
  }

  /** To be called once sound is allowed: an AudioContext needs a gesture, as sound does. */
  open() {
    if (this.context_ || navigator.vendor !== kBlinkVendor || typeof AudioContext === 'undefined') return;
    const context = new AudioContext({ latencyHint: 'interactive' });
    this.context_ = context;
    context.addEventListener('statechange', () => {
      // The browser may stop the context, such as when the sound card is removed; carried elements then stand still.
      if (context.state === 'suspended') void context.resume();
      if (context.state === 'closed' && this.context_ === context) this.onLost_();
    });
    setTimeout(() => {
      this.settled_ = true;
      if (this.ready_) this.onReady_();
    }, kSettleMs);
  }

  /**
   * Takes over the element's sound for the rest of the element's life.
   * @param {HTMLVideoElement} video
   * @returns {boolean} whether the context plays its sound now
   */
  carry(video) {
    if (this.carried_.has(video)) return true;
    if (!this.context_ || !this.ready_) return false;
    this.context_.createMediaElementSource(video).connect(this.context_.destination);
    this.carried_.add(video);
    return true;
  }

  /**
   * Whether the element can be used: a carried one only while the context runs.
   * @param {HTMLVideoElement} video
   */
  serves(video) {
    return !this.carried_.has(video) || this.context_?.state === 'running';
  }

  destroy() {
    void this.context_?.close();
    this.context_ = null;
  }

  get ready_() {
    return this.settled_ && this.context_?.state === 'running' &&
      this.context_.outputLatency <= kMaxOutputLatencyS;
  }
}
