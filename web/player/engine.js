// The part of the player that can run in a worker: the legs and the server's clock. One per player. It takes
// commands and emits events (messages.js) and never touches the document.

import { ClockOffset, ClockWatch, askTime } from './clock-offset.js';
import { Leg } from './leg.js';
import { findMediaSource } from './media-source.js';
import { openTransport } from './transport.js';

/** @typedef {import('./messages.js').Command} Command */
/** @typedef {import('./messages.js').EngineEvent} EngineEvent */

const kTickMs = 50;
const kTimeTimeoutMs = 3000;
const kFirstSamples = 5;
const kSampleGapMs = 200;
const kSampleEveryMs = 30000;
// A better answer may follow while the browser starts: until there are enough, only a good one is used.
const kGoodErrorMs = 10;
// The clock is asked after this long, so that its requests do not delay the first picture.
const kClockAfterMs = 1000;

export class Engine {
  /** @param {(event: EngineEvent) => void} emit */
  constructor(emit) {
    this.emit_ = emit;
    /** @type {Map<number, Leg>} */
    this.legs_ = new Map();
    this.sinks_ = 0;
    this.visible_ = true;
    this.clock_ = new ClockOffset();
    this.clockWatch_ = new ClockWatch();
    this.clockAtMs_ = performance.now() + kClockAfterMs;
    this.clockSamples_ = 0;
    this.asking_ = false;
    this.timeUrl_ = '';
    this.timer_ = setInterval(() => this.tick_(), kTickMs);
  }

  /** @param {Command} command */
  handle(command) {
    if (command.type === 'start') {
      this.start_(command);
      return;
    }
    if (command.type === 'visible') {
      this.visible_ = command.visible;
      for (const leg of this.legs_.values()) leg.setVisible(command.visible);
      return;
    }
    const leg = this.legs_.get(command.leg);
    if (!leg) return;
    switch (command.type) {
      case 'stop':
        leg.destroy();
        this.legs_.delete(command.leg);
        break;
      case 'suspend':
        leg.suspend();
        break;
      case 'resume':
        leg.resume();
        break;
      case 'transport':
        leg.setTransport(command.transport, command.mayChange);
        break;
      case 'rebuild':
        if (leg.sink === command.sink) leg.rebuild();
        break;
      case 'position':
        if (leg.sink === command.sink) leg.setPosition(command.timeS);
        break;
    }
  }

  destroy() {
    clearInterval(this.timer_);
    for (const leg of this.legs_.values()) leg.destroy();
    this.legs_.clear();
  }

  /** @param {import('./messages.js').LegOptions} options */
  start_(options) {
    const media = findMediaSource(globalThis);
    if (!media) return;
    this.timeUrl_ = options.timeUrl;
    const leg = new Leg(options, {
      emit: this.emit_, media, open: openTransport, ask: askTime, random: Math.random,
      now: () => performance.now(), nextSink: () => ++this.sinks_,
    });
    leg.setVisible(this.visible_);
    this.legs_.set(options.leg, leg);
  }

  tick_() {
    for (const leg of this.legs_.values()) leg.tick();
    if (this.clockWatch_.moved) this.forgetClock_();
    if (this.visible_ && this.legs_.size > 0 && performance.now() >= this.clockAtMs_) {
      void this.askClock_();
    }
  }

  forgetClock_() {
    this.clock_ = new ClockOffset();
    this.clockWatch_ = new ClockWatch();
    this.clockSamples_ = 0;
    this.clockAtMs_ = performance.now();
  }

  async askClock_() {
    if (this.asking_) return;
    this.asking_ = true;
    const clock = this.clock_;
    const answer = await askTime(this.timeUrl_, kTimeTimeoutMs);
    this.asking_ = false;
    if (this.clockWatch_.moved) this.forgetClock_();
    if (clock !== this.clock_) return;
    this.clockWatch_ = new ClockWatch();
    if (answer) this.clock_.add(answer.sentMs, answer.receivedMs, answer.serverMs);
    this.clockSamples_++;
    this.clockAtMs_ = performance.now() +
      (this.clockSamples_ < kFirstSamples ? kSampleGapMs : kSampleEveryMs);
    const estimate = this.clock_.estimate;
    if (!estimate) return;
    if (this.clockSamples_ >= kFirstSamples || estimate.errorMs <= kGoodErrorMs) this.emit_({ type: 'clock', ...estimate });
  }
}
