import { createElement, useState } from 'react';
import { createRoot } from 'react-dom/client';

function App() {
  const [props, set] = useState(window.first);
  window.set = set;
  return createElement('live-player', props);
}
createRoot(document.getElementById('app')).render(createElement(App));
