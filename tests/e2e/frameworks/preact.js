import { h, render } from 'preact';

window.set = (props) => render(h('live-player', props), document.getElementById('app'));
window.set(window.first);
