// Creates the elements of the controls; controls.js gives them their behaviour.

import { make } from './dom.js';
import { icon } from './icons.js';

/** @typedef {ReturnType<typeof makeView>} ControlsView */

/**
 * @param {HTMLElement} statistics
 * @param {HTMLElement} help
 */
export function makeView(statistics, help) {
  const playButton = make('button', { type: 'button', part: 'button play-button' });
  const muteButton = make('button', { type: 'button', part: 'button mute-button' });
  const slider = make('input', {
    type: 'range', min: '0', max: '1', step: '0.01', 'aria-label': 'Volume', part: 'volume',
  });
  const stateWords = make('span', { class: 'words' });
  // Not part of the button's name, because it changes each second.
  const latencyText = make('span', { class: 'delay', title: 'From the server to this screen', 'aria-hidden': 'true' });
  const liveButton = make('button', { type: 'button', class: 'live', part: 'state',
    title: 'Jump to live (→)' }, make('i', { class: 'dot' }), stateWords, latencyText);
  const snapshotButton = button('camera', 'Save a picture', 'snapshot-button');
  const statisticsButton = button('statistics', 'Statistics (I)', 'statistics-button');
  const helpButton = button('help', 'Keys (?)', 'help-button');
  for (const opener of [statisticsButton, helpButton]) opener.setAttribute('aria-expanded', 'false');
  const pipButton = button('pip', 'Picture in picture (P)', 'pip-button');
  const fullButton = make('button', { type: 'button', part: 'button fullscreen-button' });
  const volume = make('span', { class: 'volume' }, muteButton, slider);
  const bar = make('div', { class: 'bar', part: 'controls', role: 'group', 'aria-label': 'Player controls' },
    playButton, volume,
    liveButton, make('span', { class: 'space' }), snapshotButton,
    statisticsButton, helpButton, pipButton, fullButton);
  const headline = make('p', { class: 'headline' });
  const explanation = make('p', { class: 'explanation' });
  const bigPlay = make('button', { type: 'button', class: 'big', part: 'big-play', 'aria-label': 'Play' },
    icon('play'));
  const centre = make('div', { class: 'centre', part: 'message' }, make('i', { class: 'spinner' }),
    bigPlay, make('div', { class: 'message' }, headline, explanation));
  const soundButton = make('button', { type: 'button', class: 'sound', part: 'sound-button', 'aria-label': 'Tap for sound' },
    icon('muted'), make('span', {}, 'Tap for sound'));
  const announcement = make('p', { class: 'unseen', role: 'status' });
  const toast = make('p', { class: 'toast', role: 'status' });
  const surface = make('div', { class: 'surface', tabindex: '0', role: 'group',
    'aria-label': 'Live video. Press ? for keys.' });
  const root = make('div', { class: 'ui' }, surface, centre, soundButton,
    statistics, help, toast, announcement, bar);
  return {
    playButton, muteButton, slider, stateWords, latencyText, liveButton, snapshotButton,
    statisticsButton, helpButton, pipButton, fullButton, bar, headline,
    explanation, bigPlay, soundButton, announcement, toast, surface, volume, root,
  };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} part
 */
function button(name, label, part) {
  return make('button', { type: 'button', part: `button ${part}`, 'aria-label': label, title: label },
    icon(name));
}
