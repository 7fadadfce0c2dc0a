// The player's icons, drawn on a 24 x 24 grid with one stroke width.

const kSvg = 'http://www.w3.org/2000/svg';

/** @type {Record<string, string>} */
const kPaths = {
  play: 'M8 5.5v13l10.5-6.5z',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  volume: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9.2a4 4 0 0 1 0 5.6M18.2 6.6a7.7 7.7 0 0 1 0 10.8',
  muted: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.7l4.6 4.6M20.6 9.7 16 14.3',
  camera: 'M4 8h3.4L9 5.5h6L16.6 8H20v11H4zM12 16.5a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6z',
  statistics: 'M4 5v14.5h16M7.5 15.5l3.5-4.5 3 2.5 4.5-6',
  pip: 'M3.5 5.5h17v13h-17zM12.5 12.5h5.5v3.5h-5.5z',
  fullscreen: 'M4.5 9V4.5H9M19.5 9V4.5H15M4.5 15v4.5H9M19.5 15v4.5H15',
  window: 'M9 4.5V9H4.5M15 4.5V9h4.5M9 19.5V15H4.5M15 19.5V15h4.5',
  help: 'M9.3 9.3a2.8 2.8 0 1 1 4.3 2.4c-1 .65-1.6 1.2-1.6 2.3M12 17.6v.1',
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
};

/**
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(kSvg, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(kSvg, 'path');
  path.setAttribute('d', kPaths[name] ?? '');
  if (name === 'play') path.setAttribute('class', 'solid');
  svg.append(path);
  return svg;
}
