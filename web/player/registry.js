// Shares the browser's connections to a server among all players in it. Browsers allow six HTTP/1.1 connections per
// host over all tabs and frames, and a stream keeps one; when all are taken, no page of the server loads any more. So a
// few players use HTTP and the others WebSockets, to which that limit does not apply; where WebSockets do not get
// through, the others wait. Over HTTP/2 there is no such limit.
//
// The players of all pages of one origin queue for the connections, and agree through a BroadcastChannel: each that
// begins asks, those which queued before answer, and it counts them. There is no common state that a page which crashes
// could leave behind.

// Players over HTTP/1.1 while the others can use WebSockets. Two connections stay free for pages and small requests.
const kBesideWebSockets = 4;
// ... and where they cannot.
const kWithoutWebSockets = 5;
const kAskAgainMs = 5000;
// A WebSocket that hung once may have met a busy moment: players that wait try one again after this long.
const kClosedForMs = 60000;
const kCollectMs = 500;

/**
 * transport: null while no connection is free for the player.
 * mayChange: the other transport may be used when this one hangs.
 * @typedef {object} Choice
 * @property {'fetch' | 'ws' | null} transport
 * @property {boolean} mayChange
 */

/**
 * ask: this player queues. hold: an answer, this player queued before. free: it has left the queue.
 * @typedef {object} Message
 * @property {'ask' | 'hold' | 'free'} type
 * @property {string} origin of the server
 * @property {string} id of the player
 * @property {number} since when it began, ms since 1970
 * @property {number} closedAt when a WebSocket to this server did not get through, ms since 1970; 0: never
 */

/** @typedef {{postMessage: (message: Message) => void, close: () => void, onmessage: ((event: {data: Message}) => void) | null}} Channel */

/**
 * The browser, or a stand-in.
 * @typedef {object} BrowserWorld
 * @property {() => Channel | null} openChannel
 * @property {() => number} now ms since 1970, the same for all pages
 * @property {() => string} makeId
 * @property {(origin: string) => boolean} isMultiplexed
 * @property {(act: () => void, ms: number) => number} setTimer
 * @property {(timer: number) => void} clearTimer
 */

/** The players of this page, and their talk with those of other pages. */
export class Connections {
  /** @param {BrowserWorld} world */
  constructor(world) {
    this.world = world;
    /** @type {Set<Place>} */
    this.places_ = new Set();
    /** @type {Channel | null} */
    this.channel_ = null;
    /** When a WebSocket to an origin did not get through. @type {Map<string, number>} */
    this.closedAt_ = new Map();
  }

  /**
   * 0: WebSockets have always got through.
   * @param {string} origin
   */
  closedAt(origin) {
    return this.closedAt_.get(origin) ?? 0;
  }

  /** @param {string} origin */
  isClosed(origin) {
    const at = this.closedAt(origin);
    return at > 0 && this.world.now() - at < kClosedForMs;
  }

  /**
   * @param {string} origin
   * @param {number} [at]
   */
  close(origin, at = this.world.now()) {
    this.closedAt_.set(origin, Math.max(at, this.closedAt(origin)));
  }

  /**
   * How many players of this page queue before `place`.
   * @param {Place} place
   */
  before(place) {
    return [...this.places_].filter((other) => other.origin === place.origin && isOlder(other, place)).length;
  }

  /** @param {Place} place */
  enter(place) {
    this.places_.add(place);
    if (!this.channel_) {
      this.channel_ = this.world.openChannel();
      if (this.channel_) this.channel_.onmessage = ({ data }) => this.heard_(data);
    }
    this.say('ask', place);
  }

  /** @param {Place} place */
  leave(place) {
    if (!this.places_.delete(place)) return;
    this.say('free', place);
    for (const other of [...this.places_]) other.reconsider();
    if (this.places_.size > 0) return;
    this.channel_?.close();
    this.channel_ = null;
  }

  /**
   * @param {Message['type']} type
   * @param {Place} place
   */
  say(type, { origin, id, since }) {
    this.channel_?.postMessage({ type, origin, id, since, closedAt: this.closedAt(origin) });
  }

  /** @param {Message} message */
  heard_(message) {
    if (message.closedAt > 0) this.close(message.origin, message.closedAt);
    for (const place of [...this.places_]) {
      if (place.origin !== message.origin) continue;
      if (message.type === 'ask' && isOlder(place, message)) this.say('hold', place);
      else place.heard(message);
    }
  }
}

/** One player's place in the queue for connections. The first few in it have one. */
export class Place {
  /**
   * @param {Connections} connections
   * @param {string} origin of the server
   * @param {string | null} asked the transport attribute
   * @param {(choice: Choice) => void} onChange
   */
  constructor(connections, origin, asked, onChange) {
    this.connections_ = connections;
    this.origin = origin;
    this.asked_ = asked === 'ws' || asked === 'fetch' ? asked : null;
    this.onChange_ = onChange;
    this.id = connections.world.makeId();
    this.since = 0;
    /** Players of other pages that queue before this one. @type {Set<string>} */
    this.older_ = new Set();
    /** Null while the player does not download. @type {Choice | null} */
    this.choice_ = null;
    this.collecting_ = false;
    this.timer_ = 0;
  }

  get claimed() {
    return this.choice_ !== null;
  }

  /**
   * The player begins to download. The choice is made at once; onChange follows when other pages answer that they
   * were first.
   * @returns {Choice}
   */
  claim() {
    this.choice_ ??= this.queue_();
    return this.choice_;
  }

  /** The player does not download any more. */
  release() {
    this.choice_ = null;
    this.collecting_ = false;
    this.connections_.world.clearTimer(this.timer_);
    this.connections_.leave(this);
  }

  /**
   * A WebSocket does not get through, although the server answers. Returns whether the player may do without.
   */
  refused() {
    this.connections_.close(this.origin);
    if (this.asked_ !== null) return false;
    if (this.choice_?.transport === 'ws') this.change_(this.queue_());
    return true;
  }

  /** @param {Message} message */
  heard(message) {
    if (message.type === 'free') this.older_.delete(message.id);
    else if (isOlder(message, this)) this.older_.add(message.id);
    this.reconsider();
  }

  reconsider() {
    if (!this.choice_ || this.collecting_ || this.choice_.transport === 'ws') return;
    this.change_(this.decide_());
  }

  /** @returns {Choice} */
  queue_() {
    if (this.asked_ === 'ws') return { transport: 'ws', mayChange: false };
    if (this.connections_.world.isMultiplexed(this.origin)) return { transport: 'fetch', mayChange: false };
    this.since = this.connections_.world.now();
    this.older_.clear();
    this.connections_.enter(this);
    return this.decide_();
  }

  /** @returns {Choice} */
  decide_() {
    if (this.asked_ === 'fetch') return { transport: 'fetch', mayChange: false };
    const closed = this.connections_.isClosed(this.origin);
    const before = this.connections_.before(this) + this.older_.size;
    // The fifth that plays goes on as it is when the others try again.
    const most = this.connections_.closedAt(this.origin) > 0 ? kWithoutWebSockets : kBesideWebSockets;
    if (before < most) return { transport: 'fetch', mayChange: !closed };
    if (!closed) {
      this.connections_.leave(this);
      return { transport: 'ws', mayChange: true };
    }
    this.connections_.world.clearTimer(this.timer_);
    this.timer_ = this.connections_.world.setTimer(() => this.askAgain_(), kAskAgainMs);
    return { transport: null, mayChange: false };
  }

  /** @param {Choice} choice */
  change_(choice) {
    const before = this.choice_?.transport;
    this.choice_ = choice;
    if (choice.transport !== before) this.onChange_(choice);
  }

  /** A page that crashed does not answer any more; its place is taken by the next one. */
  askAgain_() {
    this.older_.clear();
    this.collecting_ = true;
    this.connections_.say('ask', this);
    this.timer_ = this.connections_.world.setTimer(() => {
      this.collecting_ = false;
      this.reconsider();
    }, kCollectMs);
  }
}

/**
 * @param {{since: number, id: string}} a
 * @param {{since: number, id: string}} b
 */
function isOlder(a, b) {
  return a.since < b.since || (a.since === b.since && a.id < b.id);
}

/**
 * Whether all requests to an origin share one connection, as in HTTP/2 and HTTP/3.
 * @param {string} origin
 */
function isMultiplexed(origin) {
  const entries = /** @type {PerformanceResourceTiming[]} */ (
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]);
  // Empty for what came from the cache, and for what another origin does not tell.
  const last = entries.reverse().find(({ name, nextHopProtocol }) => nextHopProtocol && name.startsWith(`${origin}/`));
  return last !== undefined && /^h[23]/.test(last.nextHopProtocol);
}

const kPage = Math.random().toString(36).slice(2);
let made = 0;

/** Those of this page. */
export const connections = new Connections({
  openChannel: () => (typeof BroadcastChannel === 'function' ?
    /** @type {Channel} */ (/** @type {unknown} */ (new BroadcastChannel('live-player'))) : null),
  now: () => Date.now(),
  makeId: () => `${kPage}.${String(++made).padStart(6, '0')}`,
  isMultiplexed,
  setTimer: (act, ms) => Number(setTimeout(act, ms)),
  clearTimer: (timer) => clearTimeout(timer),
});
