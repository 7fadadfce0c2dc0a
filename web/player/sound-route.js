// The short way for sound: through an AudioContext. On its own Chromium lets a <video> fetch sound far
// ahead, and runs dry with 100 ms and more in the buffer; an AudioContext asks for a few milliseconds at a
// time, so a buffer of 50 ms is enough (docs/player.md, "Sound"). Main thread. Its owner calls destroy().

// An output this slow (wireless headphones) is better left to the browser: it holds the picture back by as
// much, which an AudioContext does not.
const kMaxOutputLatencyS = 0.06;
// How long a context runs before it knows its output's latency.
const kSettleMs = 300;
// Measured in this engine only; another may even fall silent on this way.
const kBlinkVendor = 'Google Inc.';

export class SoundRoute {
  /**
   * @param {() => void} onReady carry() has begun to be of use
   * @param {() => void} onLost what is carried stands still from now on
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

  /** Once sound may be heard: browsers demand a gesture for an AudioContext as they do for sound. */
  open() {
    if (this.context_ || navigator.vendor !== kBlinkVendor || typeof AudioContext === 'undefined') return;
    const context = new AudioContext({ latencyHint: 'interactive' });
    this.context_ = context;
    context.addEventListener('statechange', () => {
      // The browser may stop it, when the sound card goes away for instance; what it carries stands still.
      if (context.state === 'suspended') void context.resume();
      if (context.state === 'closed' && this.context_ === context) this.onLost_();
    });
    setTimeout(() => {
      this.settled_ = true;
      if (this.ready_) this.onReady_();
    }, kSettleMs);
  }

  /**
   * Takes over the element's sound, for as long as the element lives.
   * @param {HTMLVideoElement} video
   * @returns {boolean} whether its sound goes this way now
   */
  carry(video) {
    if (this.carried_.has(video)) return true;
    if (!this.context_ || !this.ready_) return false;
    this.context_.createMediaElementSource(video).connect(this.context_.destination);
    this.carried_.add(video);
    return true;
  }

  /**
   * An element that is carried can be used only while the context runs.
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
