// Connections after the first request: upgrades to WebSocket (RFC 6455 §4.2), pipelines (RFC 9112 §9.3.2), streams.
import { asks_upgrade, bare, beacon, crlf, each, get_time, key, request, rows, upgrade, version_13 } from './shape.mjs';

const keys = (values) => each(values, (value) => [`key ${JSON.stringify(value.slice(0, 40))}`, upgrade(...asks_upgrade, version_13, `Sec-WebSocket-Key: ${value}`)]);
const pipeline = (parts) => parts.join('');
const nothing = request('GET /nothing HTTP/1.1');

export const connections = [
  ...rows('WebSocket', {
    '101 switches': {
      'as it should be': upgrade(...asks_upgrade, version_13, key),
      'in other cases': upgrade('CONNECTION: uPGRADE', 'UPGRADE: WebSocket', 'sec-websocket-version: 13', key),
      'beside keep-alive': upgrade('Connection: keep-alive, Upgrade', 'Upgrade: websocket', version_13, key),
      'with extensions, which we decline': upgrade(...asks_upgrade, version_13, key, 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'),
      'with an absolute target': request('GET http://localhost/stream HTTP/1.1', ...asks_upgrade, version_13, key),
    },
    '400 closes': {
      'no key': upgrade(...asks_upgrade, version_13),
      'two keys': upgrade(...asks_upgrade, version_13, key, key),
      ...keys(['', 'x', 'dGhlIHNhbXBsZSBub25jZQ', 'dGhlIHNhbXBsZSBub25jZQ=', 'dGhlIHNhbXBsZSBub25jZQ===', 'dGhlIHNhbXBsZSBub25jZQ== x', 'dGhlIHNhbXBsZSBub25j', 'dGhlIHNhbXBsZSBub25jZQAA', 'dGhlIHNhbXBsZSBub25 ZQ==', 'dGhlIHNhbXBsZS_ub25jZQ==', '=='.repeat(12), 'd'.repeat(1000), '\xff'.repeat(22) + '==']),
      'POST': request('POST /stream HTTP/1.1', ...asks_upgrade, version_13, key, 'Content-Length: 0'),
      'HEAD': request('HEAD /stream HTTP/1.1', ...asks_upgrade, version_13, key),
      'no Connection': upgrade('Upgrade: websocket', version_13, key),
      'Connection without upgrade': upgrade('Connection: keep-alive', 'Upgrade: websocket', version_13, key),
      'Connection close alone': upgrade('Connection: close', 'Upgrade: websocket', version_13, key),
    },
    // RFC 6455 §4.4: the answer names the supported version.
    '426 closes': {
      ...each(['', '0', '7', '8', '12', '14', '013', '13.0', '-13', 'x', '255', '13, 8'], (value) =>
        [`version ${JSON.stringify(value)}`, [upgrade(...asks_upgrade, key, `Sec-WebSocket-Version: ${value}`), { sec_websocket_version: /^13$/ }]]),
      'no version': [upgrade(...asks_upgrade, key), { sec_websocket_version: /^13$/ }],
    },
    '200 streams': {
      // An upgrade in HTTP/1.0 is ignored (RFC 9110 §7.8), and so is an upgrade to an unknown protocol.
      'in HTTP/1.0': request('GET /stream HTTP/1.0', ...asks_upgrade, version_13, key),
      'to HTTP/2': upgrade('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'),
      'to TLS': upgrade('Connection: Upgrade', 'Upgrade: TLS/1.2'),
      'to what is not quite WebSocket': upgrade('Connection: Upgrade', 'Upgrade: websockets', version_13, key),
      'no Upgrade': upgrade('Connection: Upgrade', version_13, key),
      // An ignored upgrade does not apply to the next request.
      'asked for by the request before': request('GET /time HTTP/1.1', ...asks_upgrade, version_13, key) + request('GET /stream HTTP/1.1'),
    },
    // Resources without WebSocket answer as usual.
    '200 goes on': { 'where there is none': request('GET /time HTTP/1.1', ...asks_upgrade, version_13, key), 'of the page': request('GET / HTTP/1.1', ...asks_upgrade, version_13, key) },
    '404 goes on': { 'of nothing': request('GET /nothing HTTP/1.1', ...asks_upgrade, version_13, key) },
  }).map((row) => (row.what === 'asked for by the request before' ? { ...row, expected: '200 200 streams' } : row)),
  ...rows('pipeline', {
    '200 200 goes on': { 'two requests': pipeline([get_time(), get_time()]) },
    '404 200 404 goes on': { 'what is there and what is not': pipeline([nothing, get_time(), nothing]) },
    '200 400 closes': {
      'garbage after a request': pipeline([get_time(), `garbage${crlf}${crlf}`]),
      'a request without Host after one': pipeline([get_time(), bare('GET /time HTTP/1.1'), get_time()]),
      'a smuggler after a request': pipeline([get_time(), beacon(['Content-Length: 2', 'Transfer-Encoding: chunked'])]),
      'NUL after a request': pipeline([get_time(), '\0']),
      'a body without a length': pipeline([get_time(), '{"a":1}', crlf, crlf]),
    },
    // The surplus bytes of the body begin the next request, with an unknown method: loGET.
    '200 501 goes on': { 'a body longer than said': pipeline([get_time('Content-Length: 3'), 'hello', get_time()]) },
    '400 closes': { 'nothing is read after an error': pipeline([`garbage${crlf}${crlf}`, get_time(), get_time()]) },
    '204 200 goes on': { 'a body, then a request': pipeline([beacon(['Content-Length: 2']), get_time()]), 'chunks, then a request': pipeline([beacon(['Transfer-Encoding: chunked'], `2${crlf}{}${crlf}0${crlf}${crlf}`), get_time()]) },
    '400 204 400 goes on': { 'refused bodies keep their place': pipeline([beacon(['Content-Length: 1'], 'x'), beacon(['Content-Length: 2']), beacon(['Content-Length: 3'], 'yyy')]) },
    '200 closes': {
      'nothing is read after close': pipeline([get_time('Connection: close'), get_time(), get_time()]),
      'nothing is read after HTTP/1.0': pipeline([request('GET /time HTTP/1.0'), get_time()]),
    },
    // An HTTP/1.0 client may ask to keep the connection (RFC 9112 §9.3).
    '200 goes on': { 'HTTP/1.0 with keep-alive': request('GET /time HTTP/1.0', 'Connection: keep-alive') },
    '200 414 closes': { 'a long address after a request': pipeline([get_time(), request(`GET /${'a'.repeat(9000)} HTTP/1.1`)]) },
    '200 431 closes': { 'long headers after a request': pipeline([get_time(), get_time(`X: ${'y'.repeat(20_000)}`)]) },
    '204 413 closes': { 'a long body after one': pipeline([beacon(['Content-Length: 2']), beacon(['Content-Length: 9999'])]) },
    '200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 goes on': { 'twenty requests': pipeline(Array(20).fill(get_time())) },
    '405 501 204 404 goes on': { 'methods of every kind': pipeline([request('PUT /time HTTP/1.1', 'Content-Length: 4') + 'body', request('FOO /time HTTP/1.1'), request('OPTIONS * HTTP/1.1'), nothing]) },
  }),
  ...rows('stream', {
    '200 streams': {
      'GET': request('GET /stream HTTP/1.1'), 'HTTP/1.0': bare('GET /stream HTTP/1.0'), 'a parameter that is none': request('GET /stream?after=%zz&audio=%00 HTTP/1.1'), 'an epoch that is not ours': request('GET /stream?after=0.1 HTTP/1.1'),
      'a number that is none': request(`GET /stream?after=0.${'9'.repeat(500)} HTTP/1.1`), 'a body with it': request('GET /stream HTTP/1.1', 'Content-Length: 5') + 'hello', 'requests behind it': request('GET /stream HTTP/1.1') + get_time() + `garbage${crlf}${crlf}`,
      'Range': request('GET /stream HTTP/1.1', 'Range: bytes=0-1'), 'conditions': request('GET /stream HTTP/1.1', 'If-None-Match: *', 'If-Match: "x"'),
    },
    '405 goes on': { 'POST': [request('POST /stream HTTP/1.1', 'Content-Length: 0'), { allow: /GET, HEAD/ }] },
    '404 goes on': { 'a path below': request('GET /stream/x HTTP/1.1'), 'a path that begins so': request('GET /streams HTTP/1.1') },
  }),
];
