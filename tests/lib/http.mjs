// Clients: a well-behaved one, a viewer of /stream, and a raw socket for requests that no library would send.
import { createWriteStream } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { cleanup } from './cleanup.mjs';
import { StreamChecker } from './mp4.mjs';
import { until, within } from './wait.mjs';

// Sends one request over a new connection: {status, headers, body, text(), json()}.
export function request(server, path, { method = 'GET', headers = {}, body, host = '127.0.0.1' } = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = http.request({ host, port: server.port, path, method, headers, agent: false }, (response) => {
      const parts = [];
      response.on('data', (bytes) => parts.push(bytes));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(parts);
        resolve({ status: response.statusCode, headers: response.headers, body: bytes, text: () => bytes.toString(), json: () => JSON.parse(bytes) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
export const get = request;

// A viewer: follows /stream with a StreamChecker. `record` keeps the bytes in a file, `check: false` only counts,
// `independent_start: false` is for ?after=, which goes on in the middle of a GOP.
export function open_stream(t, server, { path = '/stream', headers = {}, record, check = true, independent_start = true, host = '127.0.0.1' } = {}) {
  const viewer = { status: undefined, headers: undefined, bytes: 0, error: null, ended: false, complete: false, checker: check ? new StreamChecker({ independent_start }) : null, opened_at: Date.now() };
  const file = record ? createWriteStream(record) : null;
  let response;
  const request = http.request({ host, port: server.port, path, headers, agent: false }, (answer) => {
    response = answer;
    viewer.status = answer.statusCode;
    viewer.headers = answer.headers;
    viewer.answered_at = Date.now();
    answer.on('data', (bytes) => {
      viewer.first_byte_at ??= Date.now();
      viewer.last_byte_at = Date.now();
      viewer.bytes += bytes.length;
      file?.write(bytes);
      if (!viewer.checker || viewer.status !== 200 || viewer.error) return;
      try {
        viewer.checker.push(bytes);
      } catch (error) {
        viewer.error = error;
      }
    });
    answer.on('end', () => { viewer.ended = true; viewer.complete = answer.complete; });
    answer.on('error', (error) => { viewer.ended = true; viewer.error ??= error; });
  });
  request.on('error', (error) => { if (!viewer.closed) { viewer.ended = true; viewer.error ??= error; } });
  request.end();
  viewer.pause = () => response.pause();
  viewer.resume = () => response.resume();
  viewer.socket = () => request.socket;
  // Waits until `condition(viewer)` holds; throws the checker's error, or when the response ends.
  viewer.until = (what, condition, seconds = 20) => until(what, () => {
    if (viewer.error) return true;
    if (condition(viewer)) return true;
    if (viewer.ended) viewer.error = new Error(`the response ended while waiting: ${what}`);
    return false;
  }, { seconds }).then(() => {
    if (viewer.error) throw viewer.error;
  });
  // Waits until the viewer has received `seconds` of media.
  viewer.media = (seconds, patience = seconds + 15) => viewer.until(`${seconds} s of media`, () => viewer.checker.seconds() >= seconds, patience);
  viewer.close = async () => {
    viewer.closed = true;
    request.destroy();
    if (file && !file.closed) await new Promise((resolve) => file.end(resolve));
  };
  cleanup(t, viewer.close);
  return viewer;
}

// Sends bytes over a bare socket. `answer()` waits until the server has closed, `until(pattern)` until the text matches.
export function open_socket(t, server, bytes = '', { host = '127.0.0.1', half_open = false } = {}) {
  const socket = net.connect({ host, port: server.port, allowHalfOpen: half_open });
  const raw = { socket, text: '', closed: false, received_at: 0 };
  socket.setNoDelay(true);
  socket.on('data', (data) => { raw.text += data.toString('latin1'); raw.received_at = Date.now(); });
  socket.on('error', (error) => { raw.error = error; });
  socket.on('end', () => { raw.closed = true; });
  socket.on('close', () => { raw.closed = true; });
  if (bytes) socket.write(bytes);
  raw.write = (more) => socket.write(more);
  raw.until = (pattern, seconds = 10) => until(`the answer has ${pattern}`, () => pattern.test(raw.text), { seconds })
    .catch((error) => { throw new Error(`${error.message}; it is ${JSON.stringify(raw.text.slice(0, 500))}`); });
  raw.answer = async (seconds = 10) => {
    await within('the server closes', until('closed', () => raw.closed, { seconds }), seconds + 1);
    return raw.text;
  };
  raw.close = () => socket.destroy();
  cleanup(t, raw.close);
  return raw;
}

// Status, headers and body of the responses in `text` of a kept-alive connection that all have a Content-Length.
export function split_responses(text) {
  const responses = [];
  while (text) {
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) throw new Error(`half a response: ${JSON.stringify(text.slice(0, 200))}`);
    const [line, ...lines] = text.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(lines.map((header) => [header.slice(0, header.indexOf(':')).toLowerCase(), header.slice(header.indexOf(':') + 1).trim()]));
    const status = Number(line.split(' ')[1]);
    const length = status === 304 || status === 204 ? 0 : Number(headers['content-length'] ?? NaN);
    if (Number.isNaN(length)) throw new Error(`no Content-Length: ${line}`);
    responses.push({ status, version: line.split(' ')[0], headers, body: text.slice(end + 4, end + 4 + length) });
    text = text.slice(end + 4 + length);
  }
  return responses;
}
