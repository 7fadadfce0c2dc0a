// Unit tests of what keeps a <video> near the live edge, with a set clock and an element that the test controls.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Playback } from '../../web/player/playback.js';

// A <video> that plays what is buffered once its decoder runs, and a stream that arrives at real time.
class FakeVideo extends EventTarget {
  constructor() {
    super();
    Object.assign(this, { currentTime: 0, playbackRate: 1, paused: true, seeking: false, readyState: 4, duration: Infinity, muted: true, end: 0, decodes: true, frame: null });
  }
  get buffered() {
    return { length: this.end > 0 ? 1 : 0, start: () => 0, end: () => this.end };
  }
  requestVideoFrameCallback(each) { this.frame = each; }
  async play() { this.paused = false; }
  pause() { this.paused = true; }
}

function watching(t) {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  globalThis.document = { visibilityState: 'visible' };
  t.after(() => delete globalThis.document);
  const video = new FakeVideo();
  const stalls = [];
  const frames = [];
  const playback = new Playback(video, { onShown() {}, onFrame: (time) => frames.push(time), onStall: () => stalls.push(now), onBroken: assert.fail, onRefused: assert.fail, onPaused: assert.fail, onPlayed: assert.fail });
  t.after(() => playback.destroy());
  return {
    video, playback, stalls, frames,
    behindMs: () => (video.end - video.currentTime) * 1000,
    run(ms, { ticks = true, arrives = true } = {}) {
      for (const until = now + ms; now < until;) {
        now += 25;
        if (arrives) video.end += 0.025;
        if (!video.paused && video.decodes) video.currentTime = Math.min(video.end, video.currentTime + 0.025 * video.playbackRate);
        if (ticks) playback.tick();
      }
    },
  };
}

test('Playback: a decoder that takes long to start is not a stall, and raises no floor', (t) => {
  const { video, playback, stalls, run } = watching(t);
  video.decodes = false;
  video.end = 2;
  run(600);
  video.decodes = true;
  run(2000);
  assert.equal(playback.floorMs, 30);
  video.decodes = false;
  run(300);
  assert.equal(stalls.length, 1);
  assert.ok(playback.floorMs > 45, `${playback.floorMs}`);
});

test('Playback: data that comes a moment after missed ticks is jumped over as what came with them', (t) => {
  const { video, run, behindMs } = watching(t);
  video.end = 2;
  run(4000);
  const parts = [0.3, 1.2];
  run(1500, { ticks: false, arrives: false });
  for (const part of parts) {
    video.end += part;
    run(50);
  }
  run(50);
  assert.ok(behindMs() < 300, `${behindMs()}`);
});

test('Playback: shown again, it is near the live edge within half a second', (t) => {
  const { video, playback, run, behindMs } = watching(t);
  video.end = 2;
  run(4000);
  video.currentTime = video.end - 0.6;
  run(500);
  assert.ok(behindMs() > 500, 'what a hidden tab may be late');
  playback.rejoin();
  run(500);
  assert.ok(behindMs() < 200, `${behindMs()}`);
});

test('Playback: the old picture of a resumed element does not count as shown', (t) => {
  const { video, playback, frames, run } = watching(t);
  video.end = 2;
  run(1000);
  video.frame(0, { mediaTime: 2.5 });
  playback.pause();
  playback.resume();
  video.frame(0, { mediaTime: 2.6 });
  video.end += 300;
  run(50);
  video.seeking = true;
  video.frame(0, { mediaTime: 2.7 });
  video.seeking = false;
  video.frame(0, { mediaTime: 302 });
  assert.deepEqual(frames, [2.5, 302]);
});
