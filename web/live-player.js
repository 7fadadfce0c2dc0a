// Defines <live-player>. The only script a page includes:
//   <script type="module" src="live-player.js"></script>
//   <live-player src="stream" muted autoplay controls></live-player>

// All modules that the first picture needs are imported here, so that the browser requests them in one round.
// The controls are loaded after the first picture.
import './player/answers.js';
import './player/beacon.js';
import './player/engine-host.js';
import './player/gaps.js';
import './player/latency-control.js';
import './player/live-session.js';
import './player/media-source.js';
import './player/playback.js';
import './player/preferences.js';
import './player/registry.js';
import './player/session-statistics.js';
import './player/sound-route.js';
import './player/stage.js';
import './player/states.js';
import './player/statistics.js';
import './player/styles.js';

import { LivePlayer } from './player/element.js';

if (!customElements.get('live-player')) customElements.define('live-player', LivePlayer);

export { LivePlayer };
