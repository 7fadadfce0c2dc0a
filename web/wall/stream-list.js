// Asks the server for its list of streams: at once, each few seconds, and when the page is shown again.

const kEveryMs = 5000;
// After a failure, because nothing else on the page tells of new cameras.
const kAgainMs = 1500;
const kPatienceMs = 5000;

/** @typedef {{name: string, title: string, state: string, on_demand: boolean, width: number | null, height: number | null}} Entry */

export class StreamList {
  /** @param {(entries: Entry[] | null) => void} onAnswer null when the server does not answer */
  constructor(onAnswer) {
    this.onAnswer_ = onAnswer;
    this.timer_ = 0;
    this.asking_ = false;
    document.addEventListener('visibilitychange', () => void this.ask());
    void this.ask();
  }

  async ask() {
    clearTimeout(this.timer_);
    if (this.asking_ || document.visibilityState !== 'visible') return;
    this.asking_ = true;
    const entries = await load().catch(() => null);
    this.asking_ = false;
    this.timer_ = Number(setTimeout(() => void this.ask(), entries ? kEveryMs : kAgainMs));
    this.onAnswer_(entries);
  }
}

/** @returns {Promise<Entry[]>} */
async function load() {
  const response = await fetch('streams.json', { cache: 'no-store', signal: AbortSignal.timeout(kPatienceMs) });
  if (!response.ok) throw new Error(`streams.json: ${response.status}`);
  const { streams } = await response.json();
  return streams;
}
