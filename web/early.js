// Runs before anything is laid out: a browser takes long to start a worker, and can meanwhile do the rest.
// A classic script, because modules run late. The first player takes the worker (player/engine-host.js).

if (globalThis.MediaSource && MediaSource.canConstructInDedicatedWorker) {
  /** @type {import('./player/engine-host.js').EarlyWorker} */ (globalThis).livePlayerWorker =
    new Worker('player/worker.js', { type: 'module', name: 'live-player' });
}
