// Unit tests of the pure modules: latency, jitter, gaps, back-off, states, clock, statistics.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Announcer } from '../../web/player/announcer.js';
import { ArrivalJitter } from '../../web/player/arrival-jitter.js';
import { beaconBody } from '../../web/player/beacon.js';
import { ClockOffset } from '../../web/player/clock-offset.js';
import { bufferedAhead, jumpTarget } from '../../web/player/gaps.js';
import { LatencyControl, kRoutedSoundLevels, kSoundLevels, kVideoLevels } from '../../web/player/latency-control.js';
import { scaleTop } from '../../web/player/plot.js';
import { Engine } from '../../web/player/engine.js';
import { Reconnect } from '../../web/player/reconnect.js';
import { SessionStatistics } from '../../web/player/session-statistics.js';
import { describe } from '../../web/player/states.js';
import { RecentSamples } from '../../web/player/statistics.js';

// Plays a stream of which `arrive(ms)` milliseconds of media have arrived at that time.
function simulate(control, { behindMs, forMs, arrive = (t) => t, step = 25, onStep = () => {} }) {
  let played = arrive(0) - behindMs;
  let seeks = 0;
  let low = Infinity;
  for (let now = 0; now < forMs; now += step) {
    const ahead = Math.max(0, arrive(now) - played);
    low = Math.min(low, now > forMs - 3000 ? ahead : Infinity);
    const { rate, seekByMs } = control.sample(now, ahead);
    if (seekByMs > 0) {
      seeks++;
      played += seekByMs;
    }
    played = Math.min(arrive(now + step), played + step * rate);
    onStep(now, ahead, rate);
  }
  return { aheadMs: arrive(forMs) - played, seeks, low };
}

test('LatencyControl: comes down to its floor without a seek from half a second', () => {
  const { aheadMs, seeks } = simulate(new LatencyControl(kVideoLevels), { behindMs: 500, forMs: 15000 });
  assert.equal(seeks, 0);
  assert.ok(aheadMs > 20 && aheadMs < 60, `${aheadMs}`);
});

test('LatencyControl: jumps once when it is far behind', () => {
  const { aheadMs, seeks } = simulate(new LatencyControl(kVideoLevels), { behindMs: 5000, forMs: 6000 });
  assert.equal(seeks, 1);
  assert.ok(aheadMs < 90, `${aheadMs}`);
});

test('LatencyControl: rises to its floor again by playing slower, never below 0.95', () => {
  let slowest = 1;
  const { aheadMs } = simulate(new LatencyControl({ ...kVideoLevels, floorMs: 80 }), { behindMs: 5, forMs: 8000, onStep: (_t, _a, rate) => { slowest = Math.min(slowest, rate); } });
  assert.ok(aheadMs > 65, `${aheadMs}`);
  assert.ok(slowest >= 0.95 && slowest < 1, `${slowest}`);
});

test('LatencyControl: holds an hour of a clock that drifts by 200 ppm, either way', () => {
  for (const [levels, ppm] of [kVideoLevels, kSoundLevels, kRoutedSoundLevels].flatMap((l) => [[l, 200], [l, -200]])) {
    const { floorMs } = levels;
    const { aheadMs, seeks } = simulate(new LatencyControl(levels), { behindMs: floorMs + 30, forMs: 3_600_000, arrive: (t) => t * (1 + ppm / 1e6) });
    assert.equal(seeks, 0);
    assert.ok(aheadMs > floorMs - 20 && aheadMs < floorMs + 50, `${ppm}: ${aheadMs}`);
  }
});

test('LatencyControl: holds the low-water mark, not the mean, of a stream that comes in lumps', () => {
  const { low } = simulate(new LatencyControl(kVideoLevels), { behindMs: 200, forMs: 20000, arrive: (t) => Math.floor(t / 100) * 100 });
  assert.ok(low > 10 && low < 60, `${low}`);
});

test('LatencyControl: a stall raises the floor by 20 ms, and it sinks again', () => {
  const control = new LatencyControl(kVideoLevels);
  control.stalled();
  assert.equal(control.floorMs, 50);
  for (let now = 0; now <= 60_000; now += 1000) control.sample(now, 50);
  assert.equal(control.floorMs, 30);
  for (let i = 0; i < 100; i++) control.stalled();
  assert.ok(control.floorMs <= 430);
});

test('LatencyControl: late arrivals raise the floor at once, and it sinks again', () => {
  const control = new LatencyControl(kVideoLevels);
  control.jittered({ onceMs: 0, repeatedMs: 100 });
  control.jittered({ onceMs: 0, repeatedMs: 40 });
  assert.equal(control.floorMs, 130);
  for (let now = 0; now <= 12_000; now += 1000) control.sample(now, 130);
  assert.equal(control.floorMs, 30);
});

test('LatencyControl: what came late once raises the floor as much, and is forgotten ten times as fast', () => {
  const control = new LatencyControl(kVideoLevels);
  control.jittered({ onceMs: 100, repeatedMs: 60 });
  assert.equal(control.floorMs, 130);
  for (let now = 0; now <= 1000; now += 100) control.sample(now, 130);
  assert.equal(control.floorMs, 80);
  control.jittered({ onceMs: 9000, repeatedMs: 9000 });
  assert.equal(control.floorMs, 430);
});

test('LatencyControl: sound is never stretched with little in front of it', () => {
  const control = new LatencyControl(kSoundLevels);
  const { low } = simulate(control, { behindMs: 400, forMs: 20000, onStep: (_t, ahead, rate) => assert.ok(rate === 1 || ahead >= kSoundLevels.bendMs, `${ahead} ${rate}`) });
  assert.ok(low > 175 && low < 200, `${low}`);
  for (let now = 30_000; now < 33_000; now += 25) assert.equal(control.sample(now, 120).rate, 1);
  control.jittered({ onceMs: 50, repeatedMs: 50 });
  assert.equal(control.floorMs, 180);
  control.jittered({ onceMs: 100, repeatedMs: 50 });
  assert.equal(control.floorMs, 220);
});

test('LatencyControl: sound through an AudioContext comes down to 50 ms, never faster than resampling allows', () => {
  let fastest = 1;
  const { aheadMs, seeks } = simulate(new LatencyControl(kRoutedSoundLevels), { behindMs: 200, forMs: 15000, onStep: (_t, _a, rate) => { fastest = Math.max(fastest, rate); } });
  assert.equal(seeks, 0);
  assert.ok(aheadMs > 40 && aheadMs < 70, `${aheadMs}`);
  assert.equal(fastest, 1.05);
});

test('LatencyControl: after a reset it waits a second before it trusts its levels', () => {
  const control = new LatencyControl(kVideoLevels);
  control.reset();
  assert.deepEqual(control.sample(0, 900), { rate: 1, seekByMs: 0 });
  assert.deepEqual(control.sample(900, 900), { rate: 1, seekByMs: 0 });
  assert.ok(control.sample(1000, 900).seekByMs > 0);
});

// The lateness at `untilMs` of fragments that come `late(ms)` after their time.
function lateness(late, untilMs, step = 33) {
  const jitter = new ArrivalJitter();
  jitter.restart(0);
  let arrivedMs = 0;
  for (let t = 0; t < untilMs; t += step) {
    arrivedMs = Math.max(arrivedMs, t + late(t));
    if (arrivedMs > untilMs) break;
    jitter.arrived(arrivedMs, t);
  }
  const { onceMs, repeatedMs } = jitter.excess(untilMs);
  return { onceMs: Math.round(onceMs), repeatedMs: Math.round(repeatedMs) };
}

// Lateness that begins at each of these times and goes back to nothing as the held fragments come.
const peaks = (lateMs, ...times) => (t) => Math.max(0, ...times.map((at) => (t >= at ? at + lateMs - t : 0)));
const close = (actual, expected) => assert.ok(Math.abs(actual - expected) < 34, `${actual}, not ${expected}`);

test('ArrivalJitter: tells how much later than of late the latest came, for a while', () => {
  for (const step of [8, 33, 200]) {
    close(lateness(peaks(150, 5000), 7500, step).onceMs, 150);
    assert.deepEqual(lateness(peaks(150, 5000), 8600, step), { onceMs: 0, repeatedMs: 0 }, `${step}`);
  }
  assert.deepEqual(lateness(peaks(150, 5000), 5500), { onceMs: 0, repeatedMs: 0 }, 'the buffer itself still shows it');
});

test('ArrivalJitter: what came late twice within thirty seconds counts for ten', () => {
  close(lateness(peaks(150, 5000, 13_000), 22_500).repeatedMs, 150);
  close(lateness(peaks(150, 5000, 27_000), 34_500).repeatedMs, 150);
  close(lateness((t) => peaks(300, 5000)(t) + peaks(100, 13_000)(t), 22_500).repeatedMs, 100);
  assert.equal(lateness(peaks(150, 5000, 13_000), 23_500).repeatedMs, 0);
  assert.equal(lateness(peaks(150, 5000, 40_000), 43_000).repeatedMs, 0);
});

test('ArrivalJitter: one time that lasts is not two', () => {
  assert.equal(lateness((t) => (t > 4000 && t < 9000 ? 200 + (t % 50) : 0), 11_000).repeatedMs, 0);
});

test('ArrivalJitter: what the browser itself delays while it starts is not jitter', () => {
  const start = (t) => peaks(300, 900, 1800)(t) + peaks(250, 2400)(t);
  for (let now = 3000; now < 10_000; now += 500) assert.deepEqual(lateness(start, now), { onceMs: 0, repeatedMs: 0 }, `${now}`);
  close(lateness((t) => start(t) + peaks(200, 5000)(t), 7000).onceMs, 200);
});

test('ArrivalJitter: neither the burst of a join nor an outage is jitter', () => {
  const jitter = new ArrivalJitter();
  jitter.restart(1000);
  for (let t = 0; t < 1000; t += 33) jitter.arrived(1000, t);
  for (let t = 1000; t < 4000; t += 33) jitter.arrived(t, t);
  assert.equal(jitter.excess(4000).onceMs, 0);
  for (let t = 4000; t < 9000; t += 33) jitter.arrived(Math.max(t, 7000), t);
  assert.equal(jitter.excess(9000).onceMs, 0);
});

test('ArrivalJitter: a source that starts again soon after a join, and catches up for a second, is not jitter', () => {
  const jitter = new ArrivalJitter();
  jitter.restart(0);
  for (let t = 0; t < 400; t += 33) jitter.arrived(t, 10_000 + t);
  // Away for 1.5 s; then the media of that time comes three times as fast as real time.
  let media = 10_400;
  for (let now = 1900; now < 2900; now += 11, media += 33) jitter.arrived(now, media);
  for (let now = 2900; now < 6000; now += 33, media += 33) {
    jitter.arrived(now, media);
    assert.equal(jitter.excess(now).onceMs, 0, `at ${now}`);
  }
  for (let now = 6000; now < 8000; now += 33, media += 33) jitter.arrived(Math.max(now, 6150), media);
  close(jitter.excess(8000).onceMs, 150);
});

// A viewer of a line on which fragments come `late(ms)` after their time: its stalls, and its delay in ms each 25 ms.
function watch_line(late, seconds) {
  const fps = 30;
  const jitter = new ArrivalJitter();
  const control = new LatencyControl(kVideoLevels);
  jitter.restart(0);
  let [played, edge, frame, arrivesAt, rate, stoodMs, stalls] = [-100, 0, 0, 0, 1, 0, 0];
  const delays = [];
  for (let now = 0; now < seconds * 1000; now += 25) {
    for (;;) {
      const time = (frame * 1000) / fps;
      arrivesAt = Math.max(arrivesAt, time + late(time));
      if (arrivesAt > now) break;
      jitter.arrived(arrivesAt, time);
      edge = (++frame * 1000) / fps;
    }
    const from = played;
    played = Math.max(played, Math.min(edge, played + 25 * rate));
    stoodMs = played - from < 5 ? stoodMs + 25 : 0;
    if (stoodMs === 75) stalls++;
    if (stoodMs === 150) control.stalled();
    if (now % 200 === 0) control.jittered(jitter.excess(now));
    if (stoodMs === 0) ({ rate } = control.sample(now, edge - played));
    delays.push(now - played);
  }
  const median = (fromS, toS) => delays.slice(fromS * 40, toS * 40).sort((a, b) => a - b)[(toS - fromS) * 20];
  return { stalls, median };
}

test('a late start of the browser leaves no delay behind', () => {
  const { median } = watch_line(peaks(300, 900, 1800, 2600), 20);
  assert.ok(median(6, 20) < 60, `${median(6, 20)}`);
});

test('one late fragment costs a few seconds of delay, not half a minute', () => {
  const { stalls, median } = watch_line(peaks(300, 6000), 30);
  assert.equal(stalls, 1);
  assert.ok(median(13, 30) < 60, `${median(13, 30)}`);
});

test('a line that jitters stalls the picture while it is new, and no more', () => {
  for (const [lateMs, everyMs, stallsAtMost] of [[150, 700, 1], [200, 2000, 2], [200, 5000, 3], [300, 9000, 3]]) {
    const late = (t) => Math.max(0, lateMs - (t % everyMs));
    const { stalls, median } = watch_line(late, 120);
    assert.ok(stalls <= stallsAtMost, `${lateMs} ms each ${everyMs} ms: ${stalls} stalls`);
    assert.ok(median(60, 120) < lateMs + 80, `${lateMs} ms each ${everyMs} ms: ${median(60, 120)}`);
  }
});

const ranges = (...list) => list.map(([start, end]) => ({ start, end }));

test('jumpTarget: leaves a play head alone that has something to play', () => {
  assert.equal(jumpTarget(ranges([0, 10]), 9, 0.1), null);
  assert.equal(jumpTarget(ranges([0, 10], [12, 13]), 9, 0.1), null);
  assert.equal(jumpTarget([], 3, 0.1), null);
});

test('jumpTarget: crosses a hole when the range before it is used up, near the live edge', () => {
  assert.equal(jumpTarget(ranges([0, 10], [12, 12.05]), 9.97, 0.1), 12.001);
  assert.equal(jumpTarget(ranges([0, 10], [12, 20]), 10.2, 0.1), 19.9);
  assert.equal(jumpTarget(ranges([12, 20]), 3, 0.1), 19.9);
});

test('jumpTarget: crosses a hole in front of a seek that does not end', () => {
  assert.equal(jumpTarget(ranges([0, 10], [10.05, 20]), 9.8, 0.1), null);
  assert.equal(jumpTarget(ranges([0, 10], [10.05, 20]), 9.8, 0.1, Infinity), 19.9);
  assert.equal(jumpTarget(ranges([0, 10]), 9.8, 0.1, Infinity), null);
});

test('jumpTarget: comes back when it is in front of everything', () => {
  assert.equal(jumpTarget(ranges([0, 10]), 100, 0.1), 9.9);
  assert.equal(jumpTarget(ranges([0, 10]), 10.05, 0.1), null);
});

test('bufferedAhead: counts up to the first hole only', () => {
  assert.equal(bufferedAhead(ranges([0, 10], [12, 20]), 9), 1);
  assert.equal(bufferedAhead(ranges([0, 10], [12, 20]), 11), 0);
});

test('Reconnect: tries within a quarter of a second first, then within one, with jitter', () => {
  const reconnect = new Reconnect(() => 0.999);
  reconnect.start();
  const delays = [];
  for (let i = 0; i < 6; i++) {
    reconnect.ended(0, 'unreachable');
    delays.push(Math.round(reconnect.retryAtMs));
  }
  assert.ok(delays[0] <= 250);
  assert.ok(delays.every((delay) => delay <= 1000) && delays[5] > 900, `${delays}`);
  const early = new Reconnect(() => 0);
  for (let i = 0; i < 6; i++) early.ended(0, 'unreachable');
  assert.equal(early.retryAtMs, 250);
});

test('Reconnect: takes its time while hidden, and hurries when shown', () => {
  const reconnect = new Reconnect(() => 0.5);
  reconnect.setVisible(false, 0);
  reconnect.ended(0, 'unreachable');
  assert.equal(reconnect.retryAtMs, 5000);
  assert.equal(reconnect.tick(100), null);
  reconnect.setVisible(true, 100);
  assert.equal(reconnect.tick(400), 'connect');
});

test('Reconnect: heeds Retry-After, but not for longer than two seconds', () => {
  const reconnect = new Reconnect(() => 0);
  reconnect.ended(0, 'full', 1500);
  assert.equal(reconnect.retryAtMs, 1500);
  reconnect.ended(0, 'full', 60_000);
  assert.equal(reconnect.retryAtMs, 2000);
});

test('Reconnect: three seconds of silence are a dead connection', () => {
  const reconnect = new Reconnect();
  reconnect.start();
  reconnect.opened(0);
  for (let t = 0; t <= 3000; t += 100) assert.equal(reconnect.tick(t), null);
  assert.equal(reconnect.tick(3100), 'reopen');
});

test('Reconnect: after a suspended thread silence proves nothing at first; after sleep it rejoins', () => {
  const reconnect = new Reconnect();
  reconnect.start();
  reconnect.opened(0);
  reconnect.tick(0);
  assert.equal(reconnect.tick(6000), null);
  reconnect.alive(6100);
  assert.equal(reconnect.tick(6200), null);
  assert.equal(reconnect.tick(40_000), 'rejoin');
});

test('Reconnect: forgets its failures only when a connection has proved itself', () => {
  const reconnect = new Reconnect(() => 0);
  for (let i = 0; i < 3; i++) reconnect.ended(0, 'broken');
  reconnect.opened(0);
  reconnect.alive(100);
  assert.equal(reconnect.failures, 3);
  reconnect.alive(3100);
  assert.equal(reconnect.failures, 0);
});

const well = {
  failure: '', started: true, blocked: false, paused: false, resting: false, phase: 'open', reason: null, failures: 0, retryInMs: 0,
  source: 'running', pictureAgeMs: null, idleMs: 20, shown: true, catchingUp: false, tooSlow: false, status: 0,
};

test('describe: each situation has its state and words', () => {
  const cases = [
    [{}, 'live', 'Live'],
    [{ catchingUp: true }, 'catching-up', 'Catching up'],
    [{ shown: false }, 'connecting', 'Connecting'],
    [{ phase: 'connecting', shown: false }, 'connecting', 'Connecting'],
    [{ phase: 'waiting', failures: 1, reason: 'ended' }, 'connecting', 'Connecting'],
    [{ source: 'waiting', idleMs: 1500 }, 'source-lost', 'Source lost, waiting for it'],
    [{ source: 'waiting', idleMs: 20 }, 'source-lost', 'Source lost, waiting for it'],  // a slate flows
    [{ source: 'starting', shown: false }, 'source-starting', 'Source is starting'],
    [{ source: 'starting', pictureAgeMs: 200 }, 'source-starting', 'Picture from 1 second ago, source starting'],
    [{ source: 'starting', pictureAgeMs: 59_999 }, 'source-starting', 'Picture from 59 seconds ago, source starting'],
    [{ source: 'starting', pictureAgeMs: 190_000 }, 'source-starting', 'Picture from 3 minutes ago, source starting'],
    [{ source: 'waiting', pictureAgeMs: 3_600_000 }, 'source-lost', 'Picture from 1 hour ago, source lost'],
    [{ source: 'starting', pictureAgeMs: 864_000_000 }, 'source-starting', 'Picture from 10 days ago, source starting'],
    [{ phase: 'waiting', failures: 4, reason: 'unreachable', retryInMs: 2400 }, 'unreachable', 'Server unreachable, retrying in 3 s'],
    [{ phase: 'connecting', failures: 4, reason: 'unreachable' }, 'unreachable', 'Server unreachable, retrying'],
    [{ phase: 'waiting', failures: 1, reason: 'full' }, 'full', 'Server full'],
    [{ phase: 'waiting', failures: 1, reason: 'notready' }, 'source-lost', 'Source lost, waiting for it'],
    [{ phase: 'waiting', failures: 1, reason: 'refused' }, 'refused', 'Server refused the stream'],
    [{ idleMs: 1500 }, 'stalled', 'Connection stalled'],
    [{ tooSlow: true, catchingUp: true }, 'slow', 'Connection too slow'],
    [{ tooSlow: true, idleMs: 1500 }, 'slow', 'Connection too slow'],
    [{ tooSlow: true, source: 'waiting' }, 'source-lost', 'Source lost, waiting for it'],
    [{ tooSlow: true, phase: 'waiting', reason: 'full' }, 'full', 'Server full'],
    [{ paused: true }, 'paused', 'Paused'],
    [{ resting: true }, 'resting', 'Stopped while hidden'],
    [{ started: false }, 'idle', 'Ready'],
    [{ blocked: true }, 'blocked', 'Press play'],
    [{ failure: 'no such codec' }, 'failed', 'no such codec'],
  ];
  for (const [situation, state, words] of cases) {
    const described = describe({ ...well, ...situation });
    assert.deepEqual([described.state, described.words], [state, words]);
  }
});

test('ClockOffset: trusts the shortest way there and back', () => {
  const clock = new ClockOffset();
  assert.equal(clock.estimate, null);
  clock.add(0, 100, 1090);
  clock.add(200, 204, 1202);
  clock.add(300, 380, 1300);
  assert.deepEqual(clock.estimate, { offsetMs: 1000, errorMs: 2 });
  clock.add(400, 400, NaN);
  assert.equal(clock.estimate.offsetMs, 1000);
});

test('ClockOffset: a clock that was set is measured anew', () => {
  const clock = new ClockOffset();
  clock.add(0, 2, 1001);
  clock.add(1000, 1010, 90_005);
  assert.deepEqual(clock.estimate, { offsetMs: 89_000, errorMs: 5 });
});

test('SessionStatistics: while this machine\'s clock is set the delay is not known, and no wrong one is kept', (t) => {
  const statistics = new SessionStatistics();
  const video = { paused: false, playbackRate: 1, getVideoPlaybackQuality: () => ({ totalVideoFrames: 9, droppedVideoFrames: 0 }) };
  const playback = { video, aheadMs: 50, floorMs: 30, joining: false };
  const real = Date.now;
  statistics.setClock(0, 3);
  statistics.producer(1, real() - 100, 4);
  statistics.frame(1, 4);
  assert.ok(Math.abs(statistics.report.latencyMs - 100) < 50);
  t.mock.method(Date, 'now', () => real() + 90_000);
  statistics.frame(1, 4);
  statistics.sample(playback);
  assert.equal(statistics.report.latencyMs, null);
  assert.deepEqual(statistics.latency.all, []);
  statistics.setClock(-90_000, 3);
  statistics.frame(1, 4);
  assert.ok(Math.abs(statistics.report.latencyMs - 100) < 50);
});

test('SessionStatistics: frames dropped while it joins or jumps are not losses, others are', () => {
  const statistics = new SessionStatistics();
  const playback = { aheadMs: 50, floorMs: 30, joining: true, video: { paused: false, playbackRate: 1, getVideoPlaybackQuality: () => quality } };
  let quality;
  const sample = (totalVideoFrames, droppedVideoFrames, joining) => {
    quality = { totalVideoFrames, droppedVideoFrames };
    statistics.sample({ ...playback, joining });
    return statistics.report.droppedFrames;
  };
  assert.equal(sample(5, 2, true), 0);
  assert.equal(sample(20, 9, true), 0);
  assert.equal(sample(60, 9, false), 0);
  assert.equal(sample(90, 11, false), 2);
  assert.equal(sample(95, 15, true), 2);
  assert.equal(sample(140, 16, false), 3);
});

test('Engine: a good answer about the clock counts at once, doubtful ones when there are five; a clock that was set is measured anew', async (t) => {
  let [now, wall, tripMs] = [1000, 1_000_000, 100];
  t.mock.method(performance, 'now', () => now);
  t.mock.method(Date, 'now', () => wall + now);
  t.mock.method(globalThis, 'fetch', async () => {
    now += tripMs;
    return { ok: true, json: async () => ({ time_ms: 1_005_000 + now - tripMs / 2 }) };
  });
  const offsets = [];
  const engine = new Engine((event) => offsets.push(event.offsetMs));
  t.after(() => engine.destroy());
  for (let i = 0; i < 4; i++) await engine.askClock_();
  assert.deepEqual(offsets, []);
  await engine.askClock_();
  assert.deepEqual(offsets, [5000]);
  wall += 90_000;
  engine.tick_();
  await engine.askClock_();
  assert.deepEqual(offsets, [5000]);
  tripMs = 4;
  await engine.askClock_();
  assert.deepEqual(offsets, [5000, -85_000]);
});

test('RecentSamples: forgets, ranks and counts', () => {
  const samples = new RecentSamples(1000);
  assert.equal(samples.quantile(0.5), null);
  for (let i = 0; i <= 20; i++) samples.add(i * 100, i);
  assert.equal(samples.all.length, 11);
  assert.equal(samples.quantile(0), 10);
  assert.equal(samples.quantile(0.5), 15);
  assert.equal(samples.quantile(1), 20);
  assert.equal(samples.perSecond, 10);
});

test('SessionStatistics: latency is the frame\'s age on the server\'s clock', () => {
  const statistics = new SessionStatistics();
  statistics.frame(1, 5);
  assert.equal(statistics.report.latencyMs, null);
  statistics.setClock(5000, 3);
  const now = Date.now();
  statistics.producer(1, now + 5000 - 2000, 3);
  statistics.producer(1, now + 5000 - 1000, 4);
  statistics.producer(2, 0, 0);
  statistics.frame(1, 4.9);
  assert.ok(Math.abs(statistics.report.latencyMs - 100) < 50, `${statistics.report.latencyMs}`);
});

test('beaconBody: whole numbers, the viewer only when known', () => {
  const report = new SessionStatistics().report;
  assert.deepEqual(beaconBody({ ...report, latencyP50Ms: 41.4, latencyP95Ms: 60.6, bufferMs: 55.5 }, null, 'fetch', 'live'), {
    latency_ms: { p50: 41, p95: 61 }, buffer_ms: 56, rate: 1, dropped: 0, decoded: 0, stalls: 0, reconnects: 0, transport: 'fetch', state: 'live',
  });
  assert.equal(beaconBody(report, 7, 'ws', 'live').viewer, 7);
});

test('scaleTop: leaves a little room above the data', () => {
  assert.deepEqual([0, 90, 99, 450, 12_000].map(scaleTop), [100, 100, 200, 500, 20_000]);
});

test('Announcer: tells what lasts, once, however often it comes and goes', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now_ms = 0;
  t.mock.method(performance, 'now', () => now_ms);
  const said = [];
  const announcer = new Announcer((words) => said.push(words));
  const pass = (ms) => {
    now_ms += ms;
    t.mock.timers.tick(ms);
  };
  announcer.changed('live', 'Live');
  pass(1499);
  assert.deepEqual(said, []);
  pass(1);
  assert.deepEqual(said, ['Live']);
  for (let i = 0; i < 10; i++) {
    announcer.changed('unreachable', 'Server unreachable');
    pass(400);
    announcer.changed('connecting', 'Connecting');
    pass(400);
  }
  assert.deepEqual(said, ['Live'], 'what flickers is not told');
  announcer.changed('unreachable', 'Server unreachable');
  pass(2000);
  announcer.changed('live', 'Live');
  pass(2000);
  assert.deepEqual(said, ['Live', 'Server unreachable'], 'the same state not again within half a minute');
  pass(30_000);
  announcer.changed('unreachable', 'Server unreachable');
  pass(2000);
  assert.deepEqual(said, ['Live', 'Server unreachable', 'Server unreachable']);
  announcer.changed('live', 'Live');
  announcer.destroy();
  pass(5000);
  assert.equal(said.length, 3);
});
