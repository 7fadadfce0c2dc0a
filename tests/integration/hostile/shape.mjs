// How a row of the table of hostile requests is written. The bytes of a request are latin1 text; what is expected is one of
//   '200 goes on'  that status, and the next request on the same connection is answered too: nothing of this one is left over
//   '400 closes'   that status, `Connection: close`, then the end: whatever follows on the connection is not answered
//   'silence'      the connection ends without a byte
//   '101 switches', '200 streams'  that status, and a body without end
// Where RFC 9110 and RFC 9112 leave a choice, the row says which one this server made.

export const crlf = '\r\n';

// A request from its first line and header lines. A Host line is put in front unless one of them is there.
export function request(line, ...headers) {
  const has_host = headers.some((header) => /^host\s*:/i.test(header));
  return [line, ...(has_host ? [] : ['Host: localhost']), ...headers, '', ''].join(crlf);
}
export const bare = (line, ...headers) => [line, ...headers, '', ''].join(crlf);

export const get_time = (...headers) => request('GET /time HTTP/1.1', ...headers);
export const get_target = (target, version = 'HTTP/1.1') => request(`GET ${target} ${version}`);

// A request with a body that is answered with 204 when its framing is understood.
export const beacon = (headers, body = '{}') => request('POST /beacon HTTP/1.1', ...headers) + body;
export const chunked = (body) => beacon(['Transfer-Encoding: chunked'], body);

export const upgrade = (...headers) => request('GET /stream HTTP/1.1', ...headers);
export const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
export const version_13 = 'Sec-WebSocket-Version: 13';
export const asks_upgrade = ['Connection: Upgrade', 'Upgrade: websocket'];

export const hex = (code) => `0x${code.toString(16).padStart(2, '0')}`;
export const char = String.fromCharCode;
// What is no token character and yet visible (RFC 9110 §5.6.2).
export const delimiters = [...'"(),/:;<=>?@[\\]{}'];
export const controls = [...Array(32).keys(), 127];

// rows(family, {expected: {what: bytes}}): the usual way to write many.
export const rows = (family, groups) => Object.entries(groups).flatMap(([expected, requests]) =>
  Object.entries(requests).map(([what, bytes]) => (Array.isArray(bytes)
    ? { family, what, bytes: bytes[0], expected, headers: bytes[1] }
    : { family, what, bytes, expected })));
// each(list, (item) => [what, bytes]) makes the {what: bytes} of a family.
export const each = (list, make) => Object.fromEntries(list.map(make));
