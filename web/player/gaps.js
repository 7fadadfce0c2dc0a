// Decides when the play head must jump over a hole in the buffer. Pure.

/** @typedef {{start: number, end: number}} Range seconds */

// When the play head is this close to the end of a range and another range follows, playback is about to stop.
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
 * The time to jump to, or null when playback can go on at the play head. A jump always goes into the last range,
 * because only that one is live, and to at most `behindS` before its end.
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
  // The play head is before the first range: the timeline began again, or a seek went too far.
  if (currentTime > last.end + 1) return live;
  if (currentTime >= last.start) return null;
  const here = ranges.find((r) => currentTime >= r.start && currentTime <= r.end);
  if (here && here.end - currentTime > edgeS) return null;
  return live;
}

/**
 * The seconds that can be played from `currentTime` without a hole.
 * @param {Range[]} ranges
 * @param {number} currentTime
 */
export function bufferedAhead(ranges, currentTime) {
  for (const { start, end } of ranges) {
    if (currentTime >= start - kEdgeS && currentTime <= end) return end - currentTime;
  }
  return 0;
}
