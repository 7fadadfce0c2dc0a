// Chromium as people run it, over its own protocol. Playwright is not used here, because it emulates focus and switches
// the cache for Back and the throttling of hidden tabs off.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './browser.mjs';
import { cleanup } from './cleanup.mjs';
import { until, within } from './wait.mjs';

class Connection {
  constructor(child) {
    this.child = child;
    this.waiting = new Map();
    this.last = 0;
    let rest = Buffer.alloc(0);
    child.stdio[4].on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        this.take(JSON.parse(rest.subarray(0, end).toString()));
        rest = rest.subarray(end + 1);
      }
    });
    child.stdio[3].on('error', () => {});
  }

  take({ id, result, error }) {
    const call = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) call?.reject(new Error(error.message));
    else call?.resolve(result);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.last;
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return within(method, answer, 20);
  }
}

class Tab {
  constructor(connection, targetId, sessionId) {
    Object.assign(this, { connection, targetId, sessionId });
  }

  send(method, params) {
    return this.connection.send(method, params, this.sessionId);
  }

  // The value of `expression`, or of a function called with `argument`, in the page.
  async evaluate(action, argument) {
    const expression = typeof action === 'string' ? action : `(${action})(${JSON.stringify(argument) ?? ''})`;
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true, userGesture: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async goto(url) {
    await this.send('Page.navigate', { url });
    await until(`${url} is open`, () => this.evaluate((wanted) => location.href.startsWith(wanted) && document.readyState === 'complete', url));
  }

  // The tab's own Back button.
  async back() {
    const { currentIndex, entries } = await this.send('Page.getNavigationHistory');
    await this.send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1].id });
    await until('the page before', () => this.evaluate((url) => location.href === url, entries[currentIndex - 1].url));
  }

  // Brings this tab to the front; the others become hidden.
  show() {
    return this.send('Page.bringToFront');
  }

  // 'frozen' or 'active', as the browser does with hidden tabs.
  lifecycle(state) {
    return this.send('Page.setWebLifecycleState', { state });
  }
}

// {open(url)}: a browser that ends with the test, without any of Playwright's flags.
export async function start_plain_browser(t, { args = [] } = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'livestream-plain-'));
  const child = spawn(program, ['--headless=new', '--remote-debugging-pipe', `--user-data-dir=${profile}`, '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', '--window-size=1000,700', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    '--mute-audio', ...args, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const connection = new Connection(child);
  cleanup(t, async () => {
    await connection.send('Browser.close').catch(() => child.kill('SIGKILL'));
    await within('the browser to end', ended, 10).catch(() => child.kill('SIGKILL'));
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  const open = async (url) => {
    const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true });
    const tab = new Tab(connection, targetId, sessionId);
    await tab.send('Page.enable');
    if (url !== 'about:blank') await tab.goto(url);
    return tab;
  };
  return { open };
}
