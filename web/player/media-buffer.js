// Feeds one MediaSource through one SourceBuffer: queues what the browser is not ready for, drops what
// was played, makes room when the browser says it is full. Runs where the MediaSource was made.
// Failures that end this MediaSource are reported once through onFatal; the owner makes a new one.

/**
 * @typedef {object} BufferEvents
 * @property {(detail: string, message: string) => void} onFatal
 * @property {() => void} onQuota room had to be made
 * @property {(streaming: boolean) => void} onStreaming a managed source wants data, or wants none
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
   * What comes next is of this type.
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
   * Where the play head is; what lies far behind it is dropped.
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

  /** Ends it; nothing is reported any more. */
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

  /** Everything up to the next change of type, in one piece if it is not too much. */
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
   * @returns {boolean} false when room is being made first
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
    // Nothing behind the play head to give: give what is in front of it, and wait for a new start.
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
