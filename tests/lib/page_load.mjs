// A browser as a server sees it: it loads the page over at most six kept connections, follows what the files import, asks a
// second time for what its worker imports, then plays the stream over fetch or WebSocket and asks for the time.
import http from 'node:http';
import { randomBytes } from 'node:crypto';
import { cleanup } from './cleanup.mjs';
import { StreamChecker } from './mp4.mjs';
import { sleep, until } from './wait.mjs';

const connections_per_host = 6;
const times_asked = 5;

// The addresses that a page, style or module needs: src="", href="", import, new URL('./worker.js', ...).
function named_in(text, path) {
  const patterns = [/<(?:script|link|img)\b[^>]*?\b(?:src|href)="([^"#?$]+)"/g, /\b(?:from|import)\s*\(?\s*['"](\.{0,2}\/[^'"]+)['"]/g, /\bnew URL\(['"](\.{0,2}\/[^'"]+)['"]/g];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)]).map((match) => new URL(match[1], `http://a${path}`))
    .filter((url) => url.host === 'a').map((url) => url.pathname);
}

// The payloads of whole unmasked frames; the rest stays for the next call.
class FrameReader {
  #pending = Buffer.alloc(0);

  push(bytes) {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const payloads = [];
    for (;;) {
      const short = this.#pending[1] & 127;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.#pending.length < head) return payloads;
      const size = short === 126 ? this.#pending.readUInt16BE(2) : short === 127 ? Number(this.#pending.readBigUInt64BE(2)) : short;
      if (this.#pending.length < head + size) return payloads;
      if ((this.#pending[0] & 15) === 2) payloads.push(this.#pending.subarray(head, head + size));
      this.#pending = this.#pending.subarray(head + size);
    }
  }
}

export class PageLoad {
  requests = 0;
  // Lines about what a browser would show as an error.
  problems = [];
  checker = new StreamChecker();
  #tags = new Map();
  #options;

  // `from`: the local address; `websocket`: how the stream comes; `headers` go with every request.
  constructor(t, server, { from = '127.0.0.1', websocket = false, headers = {} } = {}) {
    this.#options = { server, from, websocket, headers };
    this.agent = new http.Agent({ keepAlive: true, maxSockets: connections_per_host, maxFreeSockets: connections_per_host });
    cleanup(t, () => this.close());
  }

  close() {
    this.closed = true;
    this.agent.destroy();
    this.socket?.destroy();
  }

  // Goes to the page, again if it is there already: what has been loaded is only asked for again.
  async go() {
    this.socket?.destroy();
    this.checker = new StreamChecker();
    await this.#load(['/', '/favicon.svg'], new Set());
    await Promise.all([this.#play(), this.#ask_for_the_time()]);
  }

  plays(seconds) {
    return this.problems.length === 0 && this.checker.seconds() >= seconds;
  }

  async #load(paths, seen) {
    await Promise.all(paths.filter((path) => !seen.has(path)).map(async (path) => {
      seen.add(path);
      const text = await this.#file(path);
      const is_worker = /worker/.test(path);
      // A worker has a table of modules of its own.
      await this.#load(/\.(js|html)$|\/$/.test(path) ? named_in(text, path) : [], is_worker ? new Set() : seen);
    }));
  }

  #options_for(path, more = {}) {
    const { server, from, headers } = this.#options;
    return { host: '127.0.0.1', port: server.port, path, localAddress: from, agent: this.agent, ...more, headers: { ...headers, ...more.headers } };
  }

  // A browser asks again when a kept connection turns out to have been closed, and on no other error.
  async #file(path) {
    const known = this.#tags.get(path);
    for (let tries = 0; ; ++tries) {
      try {
        const answer = await this.#ask(path, known ? { headers: { 'If-None-Match': known.tag } } : {});
        if (answer.status === 304) return known.text;
        if (answer.status !== 200) this.problems.push(`${path}: ${answer.status} ${answer.text}`);
        if (answer.headers.etag) this.#tags.set(path, { tag: answer.headers.etag, text: answer.text });
        return answer.text;
      } catch (error) {
        if (this.closed) return '';
        if (error.is_reused && tries < connections_per_host) continue;
        this.problems.push(`${path}: ${error.message}`);
        return '';
      }
    }
  }

  #ask(path, more) {
    this.requests += 1;
    return new Promise((resolve, reject) => {
      const request = http.get(this.#options_for(path, more), (response) => {
        const parts = [];
        response.on('data', (bytes) => parts.push(bytes));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString() }));
      });
      request.on('error', (error) => reject(Object.assign(error, { is_reused: request.reusedSocket })));
    });
  }

  async #ask_for_the_time() {
    for (let times = 0; times < times_asked && !this.closed; ++times) {
      await sleep(250);
      await this.#file('/time');
    }
  }

  async #play() {
    const { websocket } = this.#options;
    this.requests += 1;
    const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': randomBytes(16).toString('base64') };
    const request = http.get(this.#options_for('/stream?audio=0', websocket ? { agent: false, headers: upgrade } : {}));
    const feed = (bytes) => {
      try {
        this.checker.push(bytes);
      } catch (error) {
        this.problems.push(`/stream: ${error.message}`);
      }
    };
    const ends = (why) => { if (!this.closed && this.socket === request.socket) this.problems.push(`/stream: ${why}`); };
    await new Promise((resolve) => {
      request.on('upgrade', (response, socket, head) => {
        const frames = new FrameReader();
        const take = (bytes) => frames.push(bytes).forEach(feed);
        this.socket = socket;
        take(head);
        socket.on('data', take);
        socket.on('error', () => {});
        socket.on('close', () => ends('the connection ended'));
        resolve();
      });
      request.on('response', (response) => {
        this.socket = request.socket;
        if (response.statusCode !== 200) this.problems.push(`/stream: ${response.statusCode}`);
        response.on('data', feed);
        response.on('error', () => {});
        response.on('close', () => ends('the connection ended'));
        resolve();
      });
      request.on('error', (error) => {
        if (!this.closed && !this.socket?.destroyed) this.problems.push(`/stream: ${error.message}`);
        resolve();
      });
    });
  }
}

// `count` people who open the page within a second, until each sees `seconds` of it.
export async function classroom(t, server, count, { seconds = 2, ...options } = {}) {
  const pages = Array.from({ length: count }, () => new PageLoad(t, server, options));
  await arrive(pages, seconds);
  return pages;
}

// All go to the page within a second, for the first time or again.
export async function arrive(pages, seconds = 2) {
  for (const [index, page] of pages.entries()) setTimeout(() => page.go(), (index / pages.length) * 900);
  await until('all play', () => pages.every((page) => page.plays(seconds)) || pages.some((page) => page.problems.length), { seconds: 30 })
    .catch((error) => { throw new Error(`${error.message}: ${pages.filter((page) => page.plays(seconds)).length} of ${pages.length}`); });
  const problems = pages.flatMap((page) => page.problems);
  if (problems.length) throw new Error(`${problems.length} problems: ${[...new Set(problems)].slice(0, 5).join('; ')}`);
}
