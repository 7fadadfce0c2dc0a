// Draws one or more series over time as SVG, without a dependency, so that any machine that runs the soak can draw.
const width = 900;
const height = 300;
const margin = { left: 70, right: 15, top: 34, bottom: 30 };
const colours = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd'];

// Round numbers that divide [0, highest] into about five parts.
function ticks(highest) {
  const rough = highest / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => index * step);
}
const number = (value) => String(Number(value.toPrecision(6)));

// `series`: {name: [values]}, each with as many values as `seconds`.
export function plot(title, unit, seconds, series) {
  const last = seconds.at(-1) || 1;
  const highest = Math.max(...Object.values(series).flat().filter(Number.isFinite), 0) * 1.08 || 1;
  const x = (second) => margin.left + (second / last) * (width - margin.left - margin.right);
  const y = (value) => height - margin.bottom - (value / highest) * (height - margin.top - margin.bottom);
  const parts = [`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/><text x="${margin.left}" y="18" font-size="14">${title} (${unit})</text>`];
  for (const tick of ticks(highest)) {
    parts.push(`<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#ddd"/><text x="${margin.left - 6}" y="${y(tick) + 4}" text-anchor="end">${number(tick)}</text>`);
  }
  for (const tick of ticks(last / 60)) parts.push(`<text x="${x(tick * 60)}" y="${height - 10}" text-anchor="middle">${number(tick)} min</text>`);
  Object.entries(series).forEach(([name, values], index) => {
    const points = values.map((value, at) => (Number.isFinite(value) ? `${x(seconds[at]).toFixed(1)},${y(value).toFixed(1)}` : '')).filter(Boolean);
    parts.push(`<polyline fill="none" stroke="${colours[index]}" stroke-width="1.2" points="${points.join(' ')}"/>`,
      `<text x="${width - margin.right - 90 * (Object.keys(series).length - index)}" y="18" fill="${colours[index]}">${name}</text>`);
  });
  return `${parts.join('\n')}\n</svg>\n`;
}
