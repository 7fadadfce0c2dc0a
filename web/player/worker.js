// Entry of the worker: an Engine behind postMessage.

import { Engine } from './engine.js';

/**
 * @typedef {object} WorkerScope
 * @property {(message: unknown, transfer: Transferable[]) => void} postMessage
 * @property {((event: MessageEvent<import('./messages.js').Command>) => void) | null} onmessage
 */

const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (globalThis));

const engine = new Engine((event) => {
  if (event.type !== 'media') {
    scope.postMessage(event, []);
    return;
  }
  // The MediaSource stays in the worker; its handle is sent to the page once.
  const { handle } = /** @type {{handle: MediaSourceHandle}} */ (
    /** @type {unknown} */ (event.source));
  scope.postMessage({ ...event, source: handle },
    [/** @type {Transferable} */ (/** @type {unknown} */ (handle))]);
});

/** @param {MessageEvent<import('./messages.js').Command>} event */
scope.onmessage = (event) => engine.handle(event.data);
