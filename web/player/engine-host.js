// Runs the engine in a worker where possible, else on the main thread, behind one interface. The worker needs a
// browser that can feed media from a worker, and a script of the page's own origin. A worker that fails to start or
// does not answer is replaced by an engine on the main thread.

import { Engine } from './engine.js';
import { canFeedFromWorker } from './media-source.js';

/** @typedef {import('./messages.js').Command} Command */
/** @typedef {import('./messages.js').EngineEvent} EngineEvent */

const kAnswerMs = 5000;
// In the program this file is part of a bundle, which stands one folder higher.
const kRoot = new URL(import.meta.url.endsWith('/player/engine-host.js') ? '..' : '.', import.meta.url);

/** @returns {Worker | null} null where the engine has to run on the main thread */
function makeWorker() {
  if (!canFeedFromWorker(globalThis)) return null;
  const url = new URL('player/worker.js', kRoot);
  if (url.origin !== globalThis.origin) return null;
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
    /** @type {Engine | null} */
    this.engine_ = null;
    /** @type {Command[]} */
    this.sent_ = [];
    this.heard_ = false;
    this.destroyed_ = false;
    if (!this.startWorker_()) this.startHere_();
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
    this.startHere_();
  }

  startHere_() {
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
