// Firefox, driven over its Marionette protocol: JSON messages behind their length, on a TCP port. It needs no driver
// program, which Debian does not package.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanup } from './cleanup.mjs';
import { start_helper } from './process.mjs';
import { free_port } from './sources.mjs';
import { until } from './wait.mjs';

const settings = { 'media.autoplay.default': 0, 'media.autoplay.blocking_policy': 0, 'app.update.enabled': false,
  'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false, 'datareporting.policy.dataSubmissionEnabled': false };

// Sends commands and assigns the answers to them.
class Marionette {
  #socket;
  #bytes = Buffer.alloc(0);
  #waiting = new Map();
  #last = 0;

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('close', () => this.#waiting.forEach(({ reject }) => reject(new Error('Firefox has ended'))));
  }

  send(name, parameters = {}) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(++this.#last, { resolve, reject });
      const text = JSON.stringify([0, this.#last, name, parameters]);
      this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
  }

  close() {
    this.#socket.destroy();
  }

  #receive(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const colon = this.#bytes.indexOf(':');
      const end = colon + 1 + Number(this.#bytes.subarray(0, Math.max(0, colon)));
      if (colon < 0 || this.#bytes.length < end) return;
      const message = JSON.parse(this.#bytes.subarray(colon + 1, end));
      this.#bytes = this.#bytes.subarray(end);
      // The greeting at the start is not an array.
      if (!Array.isArray(message)) continue;
      const [, id, error, result] = message;
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new Error(error.message));
      else resolve(result);
    }
  }
}

// {evaluate(function, argument)} of a page in a Firefox that ends with the test.
export async function open_in_firefox(t, url) {
  const profile = mkdtempSync(join(tmpdir(), 'livestream-firefox-'));
  const port = await free_port();
  const lines = Object.entries({ ...settings, 'marionette.port': port }).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  cleanup(t, () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
  start_helper(t, 'firefox-esr', ['--headless', '--marionette', '--no-remote', '--profile', profile], { env: { ...process.env, HOME: profile } });
  const socket = await until('Firefox listens', () => new Promise((resolve) => {
    const attempt = net.connect(port, '127.0.0.1', () => resolve(attempt));
    attempt.on('error', () => resolve(null));
  }), { seconds: 30 });
  const marionette = new Marionette(socket);
  cleanup(t, () => marionette.close());
  const { capabilities } = await marionette.send('WebDriver:NewSession');
  await marionette.send('WebDriver:Navigate', { url });
  return {
    name: `Firefox ${capabilities.browserVersion}`,
    evaluate: async (action, argument) => (await marionette.send('WebDriver:ExecuteScript', { script: `return (${action})(...arguments)`, args: [argument ?? null] })).value,
  };
}
