import { html, render } from 'lit';

window.set = ({ src, muted, autoplay, controls, volume, label }) => render(
  html`<live-player .src=${src} ?autoplay=${autoplay} .controls=${controls} .muted=${muted} .volume=${volume} label=${label}></live-player>`, document.getElementById('app'));
window.set(window.first);
