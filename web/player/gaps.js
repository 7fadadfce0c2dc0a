// Decides when the play head must jump over a hole in the buffer. Pure.

/** @typedef {{start: number, end: number}} Range seconds */

// Closer than this to the end of a range, with another range behind it, playback is about to stop.
const kEdgeS = 0.05;
const kInsideS = 0.001;

/**
 * @param {TimeRanges} ranges
 * @returns {Range[]}
 */
export function rangesOf(ranges) {
  /** @type {Range[]} */
  const list = [];
  for (let i = 0; i < ranges.length; i++) list.push({ start: ranges.start(i), end: ranges.end(i) });
  return list;
}

/**
 * Where to jump to, or null when playback can go on where it is. Only the last range is live, so a
 * jump always goes there, no further back from its end than `behindS`.
 * @param {Range[]} ranges in ascending order
 * @param {number} currentTime
 * @param {number} behindS
 * @param {number} [edgeS] a play head this close to the end of its range cannot go on in it
 * @returns {number | null}
 */
export function jumpTarget(ranges, currentTime, behindS, edgeS = kEdgeS) {
  const last = ranges[ranges.length - 1];
  if (!last) return null;
  const live = Math.max(last.start + kInsideS, last.end - behindS);
  // The play head is in front of everything: the server's clock began anew, or a seek overshot.
  if (currentTime > last.end + 1) return live;
  if (currentTime >= last.start) return null;
  const here = ranges.find((r) => currentTime >= r.start && currentTime <= r.end);
  if (here && here.end - currentTime > edgeS) return null;
  return live;
}

/**
 * How much can be played from `currentTime` without a hole, in seconds.
 * @param {Range[]} ranges
 * @param {number} currentTime
 */
export function bufferedAhead(ranges, currentTime) {
  for (const { start, end } of ranges) {
    if (currentTime >= start - kEdgeS && currentTime <= end) return end - currentTime;
  }
  return 0;
}
