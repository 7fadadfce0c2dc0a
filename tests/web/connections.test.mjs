// The players of all pages of a browser share its connections to a server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Connections, Place } from '../../web/player/registry.js';

// A browser with pages; messages arrive when deliver() is called.
class Browser {
  constructor({ multiplexed = false } = {}) {
    Object.assign(this, { multiplexed, now: 1000, channels: new Set(), queue: [], timers: new Map(), ids: 0, pages: 0 });
  }
  page() {
    const name = `${++this.pages}`.padStart(3, '0');
    return new Connections({
      openChannel: () => {
        const channel = { onmessage: null, postMessage: (message) => this.queue.push([channel, structuredClone(message)]), close: () => this.channels.delete(channel) };
        this.channels.add(channel);
        return channel;
      },
      now: () => this.now,
      makeId: () => `${name}.${++this.ids}`,
      isMultiplexed: () => this.multiplexed,
      setTimer: (act, ms) => { this.timers.set(++this.ids, { act, at: this.now + ms }); return this.ids; },
      clearTimer: (timer) => this.timers.delete(timer),
    });
  }
  deliver() {
    for (let steps = 0; this.queue.length; steps++) {
      assert.ok(steps < 10_000, 'the pages do not agree');
      const [from, data] = this.queue.shift();
      for (const channel of [...this.channels]) if (channel !== from) channel.onmessage?.({ data });
    }
  }
  pass(ms) {
    for (const end = this.now + ms; this.now < end; this.now += 100) {
      for (const [id, { act, at }] of [...this.timers]) {
        if (at > this.now || !this.timers.delete(id)) continue;
        act();
        this.deliver();
      }
    }
  }
}

// A player that follows what it is told.
function player(page, { origin = 'http://cam', asked = null } = {}) {
  const made = { changes: 0 };
  made.place = new Place(page, origin, asked, (choice) => { made.transport = choice.transport; made.changes++; });
  made.play = () => { made.transport = made.place.claim().transport; };
  made.play();
  return made;
}
const count = (players, transport) => players.filter((each) => each.transport === transport).length;

test('Place: the fifth and later players of a page use WebSockets from the start', () => {
  const page = new Browser().page();
  const players = Array.from({ length: 8 }, () => player(page));
  assert.deepEqual(players.map(({ transport }) => transport), ['fetch', 'fetch', 'fetch', 'fetch', 'ws', 'ws', 'ws', 'ws']);
});

test('Place: eight frames at the same moment, and eight tabs one after the other, keep two connections free', () => {
  for (const together of [true, false]) {
    const browser = new Browser();
    const players = Array.from({ length: 8 }, () => {
      const made = player(browser.page());
      browser.now += together ? 0 : 50;
      if (!together) browser.deliver();
      return made;
    });
    browser.deliver();
    assert.equal(count(players, 'fetch'), 4, `${together}`);
    assert.equal(count(players, 'ws'), 4);
    assert.ok(players.every(({ changes }) => changes <= 1));
    // Those which play already are left alone.
    assert.ok(players.slice(0, 4).every(({ transport, changes }) => transport === 'fetch' && changes === 0));
  }
});

test('Place: another server has connections of its own', () => {
  const page = new Browser().page();
  const players = Array.from({ length: 8 }, (_, i) => player(page, { origin: `http://cam${i % 2}` }));
  assert.equal(count(players, 'fetch'), 8);
});

test('Place: over HTTP/2 all use HTTP', () => {
  const browser = new Browser({ multiplexed: true });
  const players = Array.from({ length: 20 }, () => player(browser.page()));
  browser.deliver();
  assert.equal(count(players, 'fetch'), 20);
  assert.equal(players[0].place.claim().mayChange, false);
});

test('Place: what the page asks for is kept', () => {
  const page = new Browser().page();
  const players = Array.from({ length: 8 }, () => player(page, { asked: 'fetch' }));
  assert.equal(count(players, 'fetch'), 8);
  assert.equal(player(page).transport, 'ws');
  const forced = player(page, { asked: 'ws' });
  assert.equal(forced.place.refused(), false);
  assert.equal(forced.transport, 'ws');
});

test('Place: where no WebSocket gets through five play, one connection stays free, and the next waits its turn', () => {
  const browser = new Browser();
  const players = Array.from({ length: 8 }, () => {
    const made = player(browser.page());
    browser.now += 10;
    browser.deliver();
    return made;
  });
  for (const each of players) {
    if (each.transport === 'ws') assert.equal(each.place.refused(), true);
    browser.now += 10;
    browser.deliver();
  }
  assert.deepEqual([count(players, 'fetch'), count(players, null)], [5, 3]);
  // The one that has waited longest is next.
  players[1].place.release();
  browser.deliver();
  assert.deepEqual([players[5].transport, players[6].transport, players[7].transport], ['fetch', null, null]);
  // The one that left queues behind all others.
  browser.now += 10;
  players[1].play();
  browser.deliver();
  assert.deepEqual([players[1].transport, players[6].transport], [null, null]);
});

test('Place: it may be refused at the same moment in all pages', () => {
  const browser = new Browser();
  const players = Array.from({ length: 12 }, () => player(browser.page()));
  browser.deliver();
  for (const each of players) if (each.transport === 'ws') each.place.refused();
  browser.deliver();
  assert.deepEqual([count(players, 'fetch'), count(players, null)], [5, 7]);
});

test('Place: a page that crashed gives way within seconds', () => {
  const browser = new Browser();
  const pages = Array.from({ length: 7 }, () => browser.page());
  for (const page of pages) page.close('http://cam');
  const players = pages.map((page) => {
    const made = player(page);
    browser.now += 10;
    browser.deliver();
    return made;
  });
  assert.deepEqual([count(players, 'fetch'), count(players, null)], [5, 2]);
  browser.channels.delete([...browser.channels][0]);
  browser.pass(7000);
  assert.deepEqual([players[5].transport, players[6].transport], ['fetch', null]);
});

test('Place: a WebSocket that hung once closes them for a minute, and those that play go on', () => {
  const browser = new Browser();
  const players = Array.from({ length: 12 }, () => player(browser.page()));
  browser.deliver();
  players.find(({ transport }) => transport === 'ws').place.refused();
  browser.deliver();
  for (const each of players) if (each.transport === 'ws') each.place.refused();
  browser.deliver();
  assert.deepEqual([count(players, 'fetch'), count(players, null)], [5, 7]);
  browser.pass(50_000);
  assert.deepEqual([count(players, 'fetch'), count(players, null)], [5, 7]);
  const playing = players.filter(({ transport }) => transport === 'fetch');
  const changes = playing.map((each) => each.changes);
  browser.pass(20_000);
  assert.deepEqual([count(players, 'fetch'), count(players, 'ws')], [5, 7]);
  assert.deepEqual(playing.map((each) => each.changes), changes);
  // They hang again.
  for (const each of players) if (each.transport === 'ws') each.place.refused();
  browser.deliver();
  browser.pass(30_000);
  assert.deepEqual([count(players, 'fetch'), count(players, null)], [5, 7]);
});

test('Connections: a page without players listens to nothing', () => {
  const browser = new Browser();
  const players = Array.from({ length: 3 }, () => player(browser.page()));
  assert.equal(browser.channels.size, 3);
  for (const each of players) each.place.release();
  assert.equal(browser.channels.size, 0);
  players[0].place.release();
});
