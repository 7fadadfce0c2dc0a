// Runs the engine in a worker where possible, else on the main thread, behind one interface. The worker needs a
// browser that can feed media from a worker, and a script of the page's own origin. A worker that fails to start or
// does not answer is replaced by an engine on the main thread.

import { canFeedFromWorker } from './media-source.js';

/** @typedef {import('./messages.js').Command} Command */
/** @typedef {import('./messages.js').EngineEvent} EngineEvent */

const kAnswerMs = 5000;
const kLoadAgainMs = 1000;

/** @returns {Worker | null} null where the engine has to run on the main thread */
function makeWorker() {
  if (!canFeedFromWorker(globalThis)) return null;
  const url = new URL('./worker.js', import.meta.url);
  if (url.origin !== location.origin) return null;
  try {
    return new Worker(url, { type: 'module', name: 'live-player' });
  } catch {
    return null;
  }
}

/** @typedef {{livePlayerWorker?: Worker | undefined}} EarlyWorker the global that early.js sets */

/** @returns {Worker | null} the one that early.js has started, else a new one */
function takeWorker() {
  const early = /** @type {EarlyWorker} */ (globalThis);
  const worker = early.livePlayerWorker;
  early.livePlayerWorker = undefined;
  return worker ?? makeWorker();
}

export class EngineHost {
  /** @param {(event: EngineEvent) => void} onEvent */
  constructor(onEvent) {
    this.onEvent_ = onEvent;
    /** @type {Worker | null} */
    this.worker_ = null;
    /** @type {import('./engine.js').Engine | null} */
    this.engine_ = null;
    /** @type {Command[]} */
    this.sent_ = [];
    this.heard_ = false;
    this.destroyed_ = false;
    if (!this.startWorker_()) void this.startHere_();
  }

  get inWorker() {
    return this.worker_ !== null;
  }

  /** @param {Command} command */
  send(command) {
    // Kept until the worker has answered: a replacement gets the same commands again.
    if (!this.heard_) this.sent_.push(command);
    if (!this.heard_ && command.type === 'start') setTimeout(() => this.replaceWorker_(), kAnswerMs);
    if (this.worker_) this.worker_.postMessage(command);
    else this.engine_?.handle(command);
  }

  destroy() {
    this.destroyed_ = true;
    this.worker_?.terminate();
    this.engine_?.destroy();
  }

  startWorker_() {
    this.worker_ = takeWorker();
    if (!this.worker_) return false;
    this.worker_.onmessage = ({ data }) => {
      this.heard();
      this.onEvent_(/** @type {EngineEvent} */ (data));
    };
    this.worker_.onerror = () => this.replaceWorker_();
    return true;
  }

  replaceWorker_() {
    if (this.heard_ || this.destroyed_ || !this.worker_) return;
    this.worker_.terminate();
    this.worker_ = null;
    void this.startHere_();
  }

  async startHere_() {
    const loaded = await import('./engine.js').catch(() => null);
    if (this.destroyed_) return;
    if (!loaded) {
      setTimeout(() => void this.startHere_(), kLoadAgainMs);
      return;
    }
    const { Engine } = loaded;
    this.engine_ = new Engine((event) => {
      if (!this.destroyed_) this.onEvent_(event);
    });
    const commands = this.sent_;
    this.heard();
    for (const command of commands) this.engine_.handle(command);
  }

  heard() {
    this.heard_ = true;
    this.sent_ = [];
  }
}
