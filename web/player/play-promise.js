// The promise of play(). A page that ignores it gets no report of an unhandled rejection.

export class PlayPromise {
  constructor() {
    /** @type {(error: DOMException | null) => void} null on success */
    this.settle = () => {};
    /** @type {Promise<void>} */
    this.promise = new Promise((resolve, reject) => {
      this.settle = (error) => (error ? reject(error) : resolve());
    });
    this.promise.catch(() => {});
  }
}
