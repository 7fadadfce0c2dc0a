// Starts the player's worker before the page is laid out, because a browser takes long to start one and can lay
// out the page at the same time. A classic script, because modules run late. The first player on the page uses the
// worker (player/engine-host.js).

if (globalThis.MediaSource && MediaSource.canConstructInDedicatedWorker) {
  /** @type {import('./player/engine-host.js').EarlyWorker} */ (globalThis).livePlayerWorker =
    new Worker('player/worker.js', { type: 'module', name: 'live-player' });
}
