// Controls one <video>: starts it near the live edge, keeps it there, jumps over holes, detects stalls. A leg feeds
// its MediaSource. Main thread. The owner calls tick() and destroy().

import { bufferedAhead, jumpTarget, rangesOf } from './gaps.js';
import { LatencyControl, kRoutedSoundLevels, kSoundLevels, kVideoLevels } from './latency-control.js';

/**
 * @typedef {object} PlaybackEvents
 * @property {() => void} onShown the first frame is on the screen
 * @property {(mediaTimeS: number) => void} onFrame
 * @property {() => void} onStall
 * @property {(message: string) => void} onBroken this source cannot be played further
 * @property {(notAllowed: boolean) => void} onRefused the browser refused to play
 * @property {() => void} onPaused paused from outside, by the browser or by a person (a media key)
 * @property {() => void} onPlayed played from outside while it was to stand still
 */

const kJoiningMs = 1500;
const kJoinSlackS = 0.25;
const kMissedTicksMs = 500;
const kStallMs = 150;
const kStuckMs = 1500;
const kSeekMs = 300;
const kMaxNudges = 3;
const kFlowingMs = 500;
const kOutageMs = 500;
// At one frame per second, half a second without a frame is not an outage: compare with the last step, too.
const kOutageSteps = 3;
const kShownAfterS = 0.1;
const kBrokenIfSilentMs = 4000;
// Play on after this long if the browser has paused the element and no person did.
const kPausedMs = 300;
// More than this above the start level just after missed ticks: seek, because the control had no say in between. The
// worker may have missed time, too, and append its data a little later.
const kLateMs = 700;

export class Playback {
  /**
   * @param {HTMLVideoElement} video
   * @param {PlaybackEvents} events
   */
  constructor(video, events) {
    this.video = video;
    this.events_ = events;
    this.control_ = new LatencyControl(kVideoLevels);
    this.audio_ = false;
    this.routed_ = false;
    /** @type {number | null} */
    this.floorChoiceMs_ = null;
    this.wanted_ = true;
    this.started_ = false;
    this.shown_ = false;
    this.joiningUntilMs_ = 0;
    this.tickedAtMs_ = 0;
    this.missedUntilMs_ = 0;
    this.timeS_ = 0;
    this.startTimeS_ = 0;
    this.movedAtMs_ = 0;
    this.soughtAtMs_ = 0;
    this.stalled_ = false;
    this.nudges_ = 0;
    this.endS_ = 0;
    this.grewAtMs_ = 0;
    this.grewByMs_ = Infinity;
    this.aheadMs = 0;
    this.destroyed_ = false;
    this.listening_ = new AbortController();
    const { signal } = this.listening_;
    video.addEventListener('error', () => {
      this.events_.onBroken(video.error?.message || 'the browser could not decode it');
    }, { signal });
    // The events come later than the calls: what counts is the present state of the element.
    video.addEventListener('pause', () => {
      // A failed media source pauses its element as well; its duration is then finite.
      const live = !video.error && !video.ended && !Number.isFinite(video.duration);
      if (video.paused && this.wanted_ && this.shown_ && live) this.events_.onPaused();
    }, { signal });
    video.addEventListener('play', () => {
      if (!video.paused && !this.wanted_) this.events_.onPlayed();
    }, { signal });
    this.watchFrames_();
  }

  get floorMs() {
    return this.control_.floorMs;
  }

  get shown() {
    return this.shown_;
  }

  /** Whether it begins to play, or has just moved the play head. */
  get joining() {
    const now = performance.now();
    return now < this.joiningUntilMs_ || now - this.soughtAtMs_ < kSeekMs;
  }

  /** Whether playback is far enough behind to tell the viewer. */
  get catchingUp() {
    return this.control_.excessMs > 150;
  }

  /**
   * @param {boolean} audio whether the source has sound
   * @param {number | null} floorMs the page's own choice
   */
  setFloor(audio, floorMs) {
    this.audio_ = audio;
    this.floorChoiceMs_ = floorMs;
    this.chooseLevels_();
  }

  /** The element's sound now goes through an AudioContext (sound-route.js). */
  routed() {
    this.routed_ = true;
    this.chooseLevels_();
  }

  /** @param {import('./arrival-jitter.js').Lateness} late */
  jittered(late) {
    this.control_.jittered(late);
  }

  pause() {
    this.wanted_ = false;
    this.video.pause();
  }

  /** The page is shown again: jump to near the live edge where the picture is behind, as at the start. */
  rejoin() {
    this.joiningUntilMs_ = performance.now() + kJoiningMs;
  }

  /** Plays from the live edge as soon as new data has come. */
  resume() {
    this.wanted_ = true;
    this.started_ = false;
    this.endS_ = lastEnd(rangesOf(this.video.buffered));
  }

  /** To be called about every 25 ms. */
  tick() {
    const now = performance.now();
    const missed = now - this.tickedAtMs_ > kMissedTicksMs;
    this.tickedAtMs_ = now;
    const ranges = rangesOf(this.video.buffered);
    const end = lastEnd(ranges);
    if (missed) {
      this.control_.reset();
      this.movedAtMs_ = now;
    }
    if (!this.wanted_) return;
    if (!this.started_) {
      // After a pause the end of the old data is not the live edge: wait for new data.
      if (end > this.endS_) this.start_(end, ranges, now);
      return;
    }
    if (Math.abs(end - this.endS_) > 0.001) {
      // Data that an outage held back comes in a burst, as at a start.
      const outageMs = Math.max(kOutageMs, kOutageSteps * this.grewByMs_);
      if (!missed && now - this.grewAtMs_ > outageMs) this.joiningUntilMs_ = now + kJoiningMs;
      this.grewByMs_ = (end - this.endS_) * 1000;
      this.endS_ = end;
      this.grewAtMs_ = now;
    }
    this.aheadMs = bufferedAhead(ranges, this.video.currentTime) * 1000;
    if (this.video.paused) {
      this.playOn_(now);
      return;
    }
    if (this.video.seeking) {
      this.watchSeek_(ranges, now);
      return;
    }
    if (this.follow_(ranges, now)) return;
    if (missed) this.missedUntilMs_ = now + kMissedTicksMs;
    if (now < this.missedUntilMs_ && this.aheadMs > this.control_.startMs + kLateMs) {
      this.seek_(end - this.startAheadS_, now);
      return;
    }
    this.watchMovement_(now);
    this.applyControl_(now, missed);
  }

  destroy() {
    this.destroyed_ = true;
    this.listening_.abort();
    this.video.pause();
  }

  chooseLevels_() {
    const soundLevels = this.routed_ ? kRoutedSoundLevels : kSoundLevels;
    const levels = this.audio_ ? soundLevels : kVideoLevels;
    this.control_.setLevels({ ...levels, floorMs: this.floorChoiceMs_ ?? levels.floorMs });
  }

  get startAheadS_() {
    return this.control_.startMs / 1000;
  }

  /**
   * @param {number} end
   * @param {import('./gaps.js').Range[]} ranges
   * @param {number} now
   */
  start_(end, ranges, now) {
    const last = ranges[ranges.length - 1];
    if (!last) return;
    this.started_ = true;
    this.endS_ = end;
    this.grewAtMs_ = now;
    this.grewByMs_ = Infinity;
    this.joiningUntilMs_ = now + kJoiningMs;
    this.seek_(Math.max(last.start, end - this.startAheadS_), now);
    this.play();
  }

  /**
   * The browser pauses a muted element of a hidden page, and each element of a frozen page: play on at the live edge
   * when the page is back.
   * @param {number} now
   */
  playOn_(now) {
    const waits = document.visibilityState !== 'visible' && this.video.muted;
    if (!waits && now - this.movedAtMs_ > kPausedMs) this.resume();
    else if (waits) this.movedAtMs_ = now;
  }

  play() {
    this.video.play().catch((/** @type {unknown} */ e) => {
      if (this.destroyed_ || !this.wanted_ || !(e instanceof DOMException)) return;
      if (e.name === 'NotAllowedError') this.events_.onRefused(true);
    });
  }

  /**
   * Jumps over a hole, or to the live edge while a burst arrives. Returns whether it jumped.
   * @param {import('./gaps.js').Range[]} ranges
   * @param {number} now
   * @param {number} [edgeS] of jumpTarget()
   */
  follow_(ranges, now, edgeS) {
    const target = jumpTarget(ranges, this.video.currentTime, this.startAheadS_, edgeS);
    if (target !== null) {
      this.joiningUntilMs_ = now + kJoiningMs;
      this.seek_(target, now);
      return true;
    }
    const surplus = this.aheadMs / 1000 - this.startAheadS_;
    if (now < this.joiningUntilMs_ && surplus > kJoinSlackS) {
      this.seek_(this.endS_ - this.startAheadS_, now);
      return true;
    }
    return false;
  }

  /**
   * @param {number} timeS
   * @param {number} now
   */
  seek_(timeS, now) {
    this.control_.reset();
    this.video.playbackRate = 1;
    this.video.currentTime = timeS;
    if (!this.shown_) this.startTimeS_ = this.video.currentTime;
    this.movedAtMs_ = this.soughtAtMs_ = now;
  }

  /**
   * A seek ends only where there is data. If its target lies in a hole, or the data there was removed, the seek would
   * never end: seek again.
   * @param {import('./gaps.js').Range[]} ranges
   * @param {number} now
   */
  watchSeek_(ranges, now) {
    this.movedAtMs_ = now;
    const soughtMs = now - this.soughtAtMs_;
    if (soughtMs > kBrokenIfSilentMs) {
      this.soughtAtMs_ = now;
      if (now - this.grewAtMs_ < kFlowingMs) this.events_.onBroken('a seek does not end');
    } else if (soughtMs > kSeekMs) {
      // The browser wants more data than there is before the next hole, if there is one.
      this.follow_(ranges, now, Infinity);
    }
  }

  /** @param {number} now */
  watchMovement_(now) {
    const timeS = this.video.currentTime;
    if (timeS !== this.timeS_) {
      this.timeS_ = timeS;
      this.movedAtMs_ = now;
      this.stalled_ = false;
      if (!this.shown_ && timeS - this.startTimeS_ > kShownAfterS) this.show_();
      return;
    }
    const stoodMs = now - this.movedAtMs_;
    const flowing = now - this.grewAtMs_ < kFlowingMs;
    if (stoodMs > kStallMs && flowing && !this.stalled_) {
      this.stalled_ = true;
      // Before the first picture it is the decoder that starts.
      if (this.shown_) {
        this.control_.stalled();
        this.events_.onStall();
      }
    }
    if (stoodMs < kStuckMs || !flowing) return;
    // Data is buffered but playback stands still: seek by one frame, then rebuild the MediaSource.
    if (++this.nudges_ > kMaxNudges || stoodMs > kBrokenIfSilentMs) {
      this.nudges_ = 0;
      this.movedAtMs_ = now;
      this.events_.onBroken('playback stands still');
      return;
    }
    this.seek_(Math.max(timeS + 0.01, this.endS_ - this.startAheadS_), now);
    this.play();
  }

  /**
   * @param {number} now
   * @param {boolean} missed
   */
  applyControl_(now, missed) {
    if (missed || this.stalled_ || this.video.readyState < 2) return;
    const { rate, seekByMs } = this.control_.sample(now, this.aheadMs);
    if (seekByMs > 0) {
      this.seek_(this.video.currentTime + seekByMs / 1000, now);
    } else if (Math.abs(rate - this.video.playbackRate) > 0.004 || rate === 1) {
      if (this.video.playbackRate !== rate) this.video.playbackRate = rate;
    }
  }

  watchFrames_() {
    const { video } = this;
    if (!('requestVideoFrameCallback' in video)) return;
    /** @type {VideoFrameRequestCallback} */
    const each = (_now, { mediaTime }) => {
      if (this.destroyed_) return;
      video.requestVideoFrameCallback(each);
      if (!this.shown_ && this.started_ && !video.seeking) this.show_();
      this.nudges_ = 0;
      // The picture of a resumed element is the one from before until it has jumped to the live edge.
      if (this.started_ && !video.seeking) this.events_.onFrame(mediaTime);
    };
    video.requestVideoFrameCallback(each);
  }

  show_() {
    this.shown_ = true;
    this.events_.onShown();
  }
}

/** @param {import('./gaps.js').Range[]} ranges */
function lastEnd(ranges) {
  return ranges[ranges.length - 1]?.end ?? 0;
}
