// Hundreds of malformed and hostile requests, each with its expected answer (RFC 9110, RFC 9112, RFC 6455); the tables are in
// hostile/. A second request follows each one. Whether it is answered shows where the first one ended for the server, and
// so finds request smuggling. A viewer watches all the time.
import assert from 'node:assert/strict';
import test from 'node:test';
import { open_socket, open_stream } from '../lib/http.mjs';
import { start_server } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { connections } from './hostile/connections.mjs';
import { fields } from './hostile/fields.mjs';
import { framing } from './hostile/framing.mjs';
import { request_lines } from './hostile/request-lines.mjs';
import { beacon, request } from './hostile/shape.mjs';

const table = [...framing, ...request_lines, ...fields, ...connections];
const at_once = 8;
const canary_status = 404;
const canary = request('GET /canary HTTP/1.1', 'Connection: close');

// The responses in `text`: [{status, headers}]. A response without a length takes the rest of the text; HEAD's has no body.
function parse_responses(text, is_head) {
  const responses = [];
  while (text) {
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) throw new Error(`half a response: ${JSON.stringify(text.slice(0, 200))}`);
    const [line, ...lines] = text.slice(0, end).split('\r\n');
    assert.match(line, /^HTTP\/1\.1 \d{3} [\w -]+$/);
    const headers = {};
    for (const header of lines) {
      assert.match(header, /^[A-Za-z-]+: [\x20-\x7e]*$/, `a header of ours is malformed: ${JSON.stringify(header)}`);
      headers[header.slice(0, header.indexOf(':')).toLowerCase()] = header.slice(header.indexOf(':') + 2);
    }
    const status = Number(line.split(' ')[1]);
    const head = is_head && responses.length === 0;
    const length = head || status < 200 || [204, 304].includes(status) ? 0 : Number(headers['content-length'] ?? Infinity);
    responses.push({ status, headers });
    text = text.slice(Math.min(text.length, end + 4 + length));
  }
  return responses.filter((response) => response.status !== 100);
}

function check_headers(row, response) {
  for (const [name, pattern] of Object.entries(row.headers ?? {})) {
    if (name === 'end') continue;
    assert.match(response.headers[name.replaceAll('_', '-')] ?? '(absent)', pattern);
  }
}

async function check(t, server, row) {
  const statuses = [...row.expected.matchAll(/\d{3}/g)].map(Number);
  const half_open = row.headers?.end ?? false;
  const endless = /switches|streams/.test(row.expected);
  const raw = open_socket(t, server, '', { half_open });
  try {
    const bytes = Buffer.from(half_open || endless ? row.bytes : row.bytes + canary, 'latin1');
    if (half_open) raw.socket.end(bytes);
    else raw.write(bytes);
    if (endless) {
      await raw.until(/\r\n\r\n[^]/);
      const got = [...raw.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
      assert.deepEqual(got, statuses, `it is [${got}]`);
      return;
    }
    const responses = parse_responses(await raw.answer(15), /^HEAD /.test(row.bytes));
    const got = responses.map((response) => response.status);
    assert.deepEqual(got, row.expected.endsWith('goes on') ? [...statuses, canary_status] : statuses, `it is [${got}]`);
    if (responses.length === 0) return;
    check_headers(row, responses[0]);
    if (row.expected.endsWith('closes')) assert.equal(responses.at(-1).headers.connection, 'close');
  } finally {
    raw.close();
  }
}

test('hostile requests', async (t) => {
  const server = await start_server(t, { env: { VIDEO_FILE: 'demo', VIDEO_RESOLUTION: '160x90', MAX_CLIENTS: '50', MAX_CONNECTIONS_PER_ADDRESS: '0', MAX_REQUESTS_PER_SECOND: '0' } });
  const viewer = open_stream(t, server);
  await viewer.media(0.5);

  await t.test(`the table has ${table.length} different requests`, () => {
    assert.ok(table.length >= 500);
    const names = table.map((row) => `${row.family}: ${row.what}`);
    assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
    const requests = table.map((row) => row.bytes);
    assert.ok(new Set(requests).size >= 500);
  });

  await t.test('each gets its answer', async (t) => {
    const wrong = [];
    const queue = [...table];
    const take = async () => {
      for (let row = queue.shift(); row; row = queue.shift()) {
        try {
          await check(t, server, row);
        } catch (error) {
          wrong.push(`${row.family}: ${row.what}\n  must be ${row.expected}: ${error.message.replace(/\s+/g, ' ').slice(0, 300)}\n  ${JSON.stringify(row.bytes.slice(0, 160))}`);
        }
      }
    };
    await Promise.all(Array.from({ length: at_once }, take));
    assert.equal(wrong.length, 0, `${wrong.length} of ${table.length} are answered wrongly:\n${wrong.join('\n')}`);
  });

  await t.test('a client that waits for 100 Continue is told to go on', async (t) => {
    const raw = open_socket(t, server, request('POST /beacon HTTP/1.1', 'Content-Length: 2', 'Expect: 100-continue', 'Connection: close'));
    await raw.until(/^HTTP\/1\.1 100 /, 3);
    raw.write('{}');
    assert.match(await raw.answer(), /HTTP\/1\.1 204 /);
  });

  await t.test('a client that waits for 100 Continue with too much is refused at once', async (t) => {
    const raw = open_socket(t, server, beacon(['Content-Length: 999999', 'Expect: 100-continue'], ''));
    assert.match(await raw.answer(3), /^HTTP\/1\.1 413 /);
  });

  await t.test('bytes that cannot become a request are refused without waiting for their end', async (t) => {
    for (const bytes of ['\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03', 'GET /time\r\n', 'HELO mail\r\n']) {
      const answer = await open_socket(t, server, Buffer.from(bytes, 'latin1')).answer(3);
      assert.match(answer, /^HTTP\/1\.1 400 /, JSON.stringify(bytes));
    }
  });

  await t.test('headers without end are cut off, however they are sliced', async (t) => {
    const raw = open_socket(t, server, 'GET /time HTTP/1.1\r\nHost: localhost\r\nX');
    for (let sent = 0; sent < 64 << 10 && !raw.closed; sent += 400) {
      raw.write(`: ${'y'.repeat(395)}\r\nX`);  // always the first byte of the next line
      await sleep(1);
    }
    assert.match(await raw.answer(3), /^HTTP\/1\.1 431 /);
  });

  await t.test('the viewer has lost nothing', async () => {
    const had = viewer.checker.seconds();
    await viewer.until('the stream goes on', () => viewer.checker.seconds() > had + 1);
    assert.equal(viewer.checker.inits.length, 1);
    assert.deepEqual(viewer.checker.gaps(), []);
    const mine = await until('the viewer in /stats', async () =>
      (await server.stats()).viewers.find((each) => each.fragments_dropped !== undefined));
    assert.equal(mine.fragments_dropped, 0);
    await until('the others have left', async () => (await server.stats()).connections.clients === 1);
  });
});
