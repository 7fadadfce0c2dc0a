// Types of the messages between the element and the engine, which runs in a worker or on the main thread.
//
// A leg is one connection to the stream and the MediaSource that it feeds. A sink is one MediaSource and therefore
// one <video>; a leg replaces its sink when the old one cannot play the data that follows.

/** @typedef {import('./init-segment.js').TrackInfo} TrackInfo */
/** @typedef {import('./arrival-jitter.js').Lateness} Lateness */
/** @typedef {import('./fragments.js').SourceState} SourceState */
/** @typedef {import('./reconnect.js').Phase} Phase */
/** @typedef {import('./reconnect.js').Reason} Reason */

/**
 * type: the part that failed; detail: a fixed word for the fault; fatal: the player cannot recover by itself.
 * @typedef {object} PlayerError
 * @property {'network' | 'stream' | 'media' | 'browser'} type
 * @property {string} detail
 * @property {boolean} fatal
 * @property {string} [message] for people
 */

/**
 * @typedef {object} LegOptions
 * @property {number} leg
 * @property {string} streamUrl absolute
 * @property {string} timeUrl absolute
 * @property {boolean} audio
 * @property {'fetch' | 'ws'} transport
 * @property {boolean} mayChange use the other transport when this one hangs
 */

/**
 * suspend: stop the download, keep the picture. resume: continue at the live edge.
 * transport: use this one from now on. rebuild: replace this sink, because it is broken.
 * @typedef {(
 *   {type: 'start'} & LegOptions |
 *   {type: 'stop', leg: number} |
 *   {type: 'suspend', leg: number} |
 *   {type: 'resume', leg: number} |
 *   {type: 'transport', leg: number, transport: 'fetch' | 'ws', mayChange: boolean} |
 *   {type: 'rebuild', leg: number, sink: number} |
 *   {type: 'position', leg: number, sink: number, timeS: number} |
 *   {type: 'visible', visible: boolean}
 * )} Command
 */

/**
 * @typedef {(
 *   {type: 'media', leg: number, sink: number, source: MediaSource | MediaSourceHandle, managed: boolean} |
 *   {type: 'tracks', leg: number, sink: number, tracks: TrackInfo[], hasSound: boolean} |
 *   {type: 'connection', leg: number, phase: Phase, reason: Reason | null, retryInMs: number,
 *     failures: number, transport: 'fetch' | 'ws', viewer: number | null, status: number} |
 *   {type: 'source', leg: number, source: SourceState} |
 *   {type: 'flow', leg: number, bytes: number, fragments: number, late: Lateness, idleMs: number,
 *     tooSlow: boolean} |
 *   {type: 'producer', leg: number, sink: number, unixMs: number, mediaTimeS: number} |
 *   {type: 'clock', offsetMs: number, errorMs: number} |
 *   {type: 'trouble', leg: number, error: PlayerError}
 * )} EngineEvent
 */

export {};
