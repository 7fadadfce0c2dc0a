// Judges a self-test and describes the result in plain words. Pure.

const kGoodP95Ms = 500;
const kSlowP95Ms = 2000;
const kDroppedShare = 0.02;

/**
 * @param {boolean} shown whether there was a picture
 * @param {string} state the player's own words
 * @param {import('./session-statistics.js').Report | null} report
 * @returns {{grade: 'good' | 'fair' | 'bad', words: string}}
 */
export function judge(shown, state, report) {
  if (!shown || !report) return { grade: 'bad', words: `No picture came. The player says: ${state}.` };
  const faults = [];
  if (report.stalls > 0) faults.push(`it stood still ${report.stalls === 1 ? 'once' : `${report.stalls} times`}`);
  if (report.reconnects > 0) faults.push('the connection broke');
  if (report.tooSlow) faults.push('the line to this device is too slow for it, so pictures were left out');
  if (report.droppedFrames > kDroppedShare * report.decodedFrames) {
    faults.push('this machine is too busy to show every frame');
  }
  const p95 = report.latencyP95Ms;
  if (p95 !== null && p95 > kSlowP95Ms) faults.push('the picture is seconds old');
  else if (p95 !== null && p95 > kGoodP95Ms) faults.push('the picture is more than half a second old at times');
  if (faults.length === 0) {
    const age = report.latencyP50Ms === null ? '' :
      ` What you see is about ${(Math.max(0, report.latencyP50Ms) / 1000).toFixed(2)} s older than what the server has.`;
    return { grade: 'good', words: `Everything is well: the test picture plays here without a fault.${age}` };
  }
  const bad = report.stalls > 2 || (p95 !== null && p95 > kSlowP95Ms);
  return { grade: bad ? 'bad' : 'fair', words: `The test picture plays here, but ${faults.join(', and ')}.` };
}
