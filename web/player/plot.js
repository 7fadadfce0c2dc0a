// Draws numbers over the recent past.

/** @typedef {{atMs: number, value: number}[]} Series */

const kSpanMs = 60000;
const kPad = { left: 44, right: 4, top: 6, bottom: 4 };

/**
 * The top of the scale: a round number just above the largest value.
 * @param {number} largest
 */
export function scaleTop(largest) {
  for (const top of [100, 200, 300, 500, 1000, 2000, 3000, 5000, 10000]) {
    if (largest <= top * 0.95) return top;
  }
  return Math.ceil(largest / 10000) * 10000;
}

/**
 * @typedef {object} PlotLooks
 * @property {number} spanMs
 * @property {string} unit
 * @property {number} fineness the scale may end at 100 / fineness
 * @property {string} ink colour of the scale
 * @property {number} gapMs samples further apart are not joined
 */

/** @type {PlotLooks} latency and buffer over the last minute */
const kOverlay = { spanMs: kSpanMs, unit: 'ms', fineness: 1, ink: '#fff', gapMs: 2000 };

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} nowMs
 * @param {{series: Series, colour: string}[]} lines
 * @param {PlotLooks} [looks]
 */
export function drawPlot(canvas, nowMs, lines, looks = kOverlay) {
  const scale = Math.min(2, window.devicePixelRatio || 1);
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d');
  if (!context || width === 0) return;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const largest = Math.max(0, ...lines.flatMap((line) => line.series.map((s) => s.value)));
  const top = scaleTop(largest * looks.fineness) / looks.fineness;
  const right = width - kPad.right;
  const bottom = height - kPad.bottom;
  /** @param {number} value */
  const y = (value) => bottom - (Math.max(0, value) / top) * (bottom - kPad.top);
  /** @param {number} atMs */
  const x = (atMs) => right - ((nowMs - atMs) / looks.spanMs) * (right - kPad.left);
  context.font = '10px system-ui, sans-serif';
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.lineWidth = 1;
  for (const share of [0, 0.5, 1]) {
    const level = Math.round(y(top * share)) + 0.5;
    context.globalAlpha = 0.2;
    context.strokeStyle = looks.ink;
    context.beginPath();
    context.moveTo(kPad.left, level);
    context.lineTo(right, level);
    context.stroke();
    context.globalAlpha = 0.8;
    context.fillStyle = looks.ink;
    context.fillText(share === 1 ? `${top} ${looks.unit}`.trim() : `${top * share}`, kPad.left - 4,
      Math.min(bottom - 4, Math.max(kPad.top + 2, level)));
  }
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  for (const { series, colour } of lines) {
    context.strokeStyle = colour;
    context.beginPath();
    series.forEach((s, i) => {
      // Leave a gap where there are no samples.
      const previous = series[i - 1];
      if (previous && s.atMs - previous.atMs < looks.gapMs) context.lineTo(x(s.atMs), y(s.value));
      else context.moveTo(x(s.atMs), y(s.value));
    });
    context.stroke();
  }
}
