// Defines <live-player>. The only script a page includes:
//   <script type="module" src="live-player.js"></script>
//   <live-player src="stream" muted autoplay controls></live-player>

import { LivePlayer } from './player/element.js';

if (!customElements.get('live-player')) customElements.define('live-player', LivePlayer);

export { LivePlayer };
