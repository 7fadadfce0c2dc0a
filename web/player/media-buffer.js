// Feeds one MediaSource through one SourceBuffer: queues data until the browser is ready, removes data that was
// played, and makes room when the browser's quota is used up. Runs in the thread that made the MediaSource.
// A failure that ends this MediaSource is reported once through onFatal; the owner then makes a new one.

/**
 * @typedef {object} BufferEvents
 * @property {(detail: string, message: string) => void} onFatal
 * @property {() => void} onQuota the quota was used up, data is removed
 * @property {(streaming: boolean) => void} onStreaming whether a managed source wants data
 */
/** @typedef {{kind: 'type', mime: string} | {kind: 'append', bytes: Uint8Array}} Operation */

const kKeepBehindS = 10;
const kEvictBehindS = 15;
const kKeepOnQuotaS = 1;
const kMaxAppendBytes = 1024 * 1024;

export class MediaBuffer {
  /**
   * @param {MediaSource} mediaSource not yet attached
   * @param {(mime: string) => boolean} supports
   * @param {BufferEvents} events
   */
  constructor(mediaSource, supports, events) {
    this.mediaSource_ = mediaSource;
    this.supports_ = supports;
    this.events_ = events;
    /** @type {Operation[]} */
    this.queue_ = [];
    /** @type {SourceBuffer | null} */
    this.sourceBuffer_ = null;
    this.mime_ = '';
    this.timeS_ = 0;
    this.dead_ = false;
    this.listening_ = new AbortController();
    const { signal } = this.listening_;
    mediaSource.addEventListener('sourceopen', () => this.pump_(), { signal });
    mediaSource.addEventListener('startstreaming', () => events.onStreaming(true), { signal });
    mediaSource.addEventListener('endstreaming', () => events.onStreaming(false), { signal });
  }

  /**
   * Sets the type of the data that follows.
   * @param {string} mime
   */
  setType(mime) {
    if (!this.supports_(mime)) {
      this.fail_('codec-unsupported', `this browser cannot play ${mime}`);
      return;
    }
    this.queue_.push({ kind: 'type', mime });
    this.pump_();
  }

  /** @param {Uint8Array} bytes whole boxes */
  append(bytes) {
    if (this.dead_) return;
    this.queue_.push({ kind: 'append', bytes });
    this.pump_();
  }

  /**
   * Tells the position of the play head; data far behind it is removed.
   * @param {number} timeS
   */
  setPosition(timeS) {
    this.timeS_ = timeS;
    const buffer = this.sourceBuffer_;
    if (this.dead_ || !buffer || buffer.updating || this.mediaSource_.readyState !== 'open') return;
    const ranges = buffer.buffered;
    if (ranges.length === 0 || ranges.start(0) > timeS - kEvictBehindS) return;
    buffer.remove(0, timeS - kKeepBehindS);
  }

  /** Stops feeding; no event is reported afterwards. */
  destroy() {
    this.dead_ = true;
    this.listening_.abort();
    this.queue_ = [];
    this.sourceBuffer_ = null;
  }

  pump_() {
    while (!this.dead_ && this.mediaSource_.readyState === 'open' && this.queue_.length > 0) {
      if (this.sourceBuffer_?.updating) return;
      const next = this.queue_[0];
      if (!next) return;
      try {
        if (next.kind === 'type') {
          this.queue_.shift();
          this.openAs_(next.mime);
        } else {
          const bytes = this.takeAppend_();
          if (!this.appendNow_(bytes)) return;
        }
      } catch (e) {
        this.fail_('append-failed', e instanceof Error ? e.message : String(e));
      }
    }
  }

  /** @param {string} mime */
  openAs_(mime) {
    if (this.sourceBuffer_) {
      if (mime !== this.mime_) this.sourceBuffer_.changeType(mime);
    } else {
      const buffer = this.mediaSource_.addSourceBuffer(mime);
      buffer.mode = 'segments';
      const { signal } = this.listening_;
      buffer.addEventListener('updateend', () => this.pump_(), { signal });
      buffer.addEventListener('error', () => this.fail_('append-failed', 'the browser rejected it'),
        { signal });
      this.sourceBuffer_ = buffer;
    }
    this.mime_ = mime;
  }

  /** The queued data up to the next change of type, joined, at most kMaxAppendBytes. */
  takeAppend_() {
    /** @type {Uint8Array[]} */
    const parts = [];
    let total = 0;
    for (;;) {
      const next = this.queue_[0];
      if (!next || next.kind !== 'append') break;
      if (total > 0 && total + next.bytes.length > kMaxAppendBytes) break;
      this.queue_.shift();
      parts.push(next.bytes);
      total += next.bytes.length;
    }
    return joined(parts);
  }

  /**
   * @param {Uint8Array} bytes
   * @returns {boolean} false when data has to be removed first
   */
  appendNow_(bytes) {
    const buffer = this.sourceBuffer_;
    if (!buffer) throw new Error('media before its init segment');
    try {
      buffer.appendBuffer(/** @type {BufferSource} */ (bytes));
      return true;
    } catch (e) {
      if (!(e instanceof DOMException) || e.name !== 'QuotaExceededError') throw e;
      this.queue_.unshift({ kind: 'append', bytes });
      this.events_.onQuota();
      return !this.makeRoom_(buffer);
    }
  }

  /**
   * @param {SourceBuffer} buffer
   * @returns {boolean} whether a removal is under way
   */
  makeRoom_(buffer) {
    const ranges = buffer.buffered;
    const keepFrom = this.timeS_ - kKeepOnQuotaS;
    if (ranges.length > 0 && ranges.start(0) < keepFrom - kKeepOnQuotaS) {
      buffer.remove(0, keepFrom);
      return true;
    }
    // Nothing to remove behind the play head: remove everything and start again with the next data.
    this.queue_ = this.queue_.filter((operation) => operation.kind === 'type');
    buffer.abort();
    buffer.remove(0, Infinity);
    return true;
  }

  /**
   * @param {string} detail
   * @param {string} message
   */
  fail_(detail, message) {
    if (this.dead_) return;
    this.destroy();
    this.events_.onFatal(detail, message);
  }
}

/**
 * @param {Uint8Array[]} parts
 * @returns {Uint8Array}
 */
export function joined(parts) {
  if (parts.length === 1 && parts[0]) return parts[0];
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
