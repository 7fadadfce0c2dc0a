// Runs the engine in a worker where that is possible, else here on the main thread, behind one
// interface. A worker needs a browser that can feed media from one, and a script of the page's own
// origin; one that fails to start is replaced by the engine here.

import { canFeedFromWorker } from './media-source.js';

/** @typedef {import('./messages.js').Command} Command */
/** @typedef {import('./messages.js').EngineEvent} EngineEvent */

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
    // Kept until the worker has proved to be alive, to be said again to its replacement.
    if (!this.heard_) this.sent_.push(command);
    if (this.worker_) this.worker_.postMessage(command);
    else this.engine_?.handle(command);
  }

  destroy() {
    this.destroyed_ = true;
    this.worker_?.terminate();
    this.engine_?.destroy();
  }

  startWorker_() {
    this.worker_ = makeWorker();
    if (!this.worker_) return false;
    this.worker_.onmessage = ({ data }) => {
      this.heard();
      this.onEvent_(/** @type {EngineEvent} */ (data));
    };
    this.worker_.onerror = () => {
      if (this.heard_ || this.destroyed_) return;
      this.worker_?.terminate();
      this.worker_ = null;
      void this.startHere_();
    };
    return true;
  }

  async startHere_() {
    const { Engine } = await import('./engine.js');
    if (this.destroyed_) return;
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
