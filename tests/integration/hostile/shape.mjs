// The form of a row in the tables of hostile requests. The bytes of a request are latin1 text; the expected answer is one of
//   '200 goes on'  that status, and the next request on the same connection is answered too: no byte of this one is left over
//   '400 closes'   that status, `Connection: close`, then the end: no later request on the connection is answered
//   'silence'      the connection ends without a byte
//   '101 switches', '200 streams'  that status, and a body without end
// Where RFC 9110 and RFC 9112 leave a choice, the row has this server's choice.

export const crlf = '\r\n';

// Builds a request from its first line and header lines; adds a Host line unless there is one.
export function request(line, ...headers) {
  const has_host = headers.some((header) => /^host\s*:/i.test(header));
  return [line, ...(has_host ? [] : ['Host: localhost']), ...headers, '', ''].join(crlf);
}
export const bare = (line, ...headers) => [line, ...headers, '', ''].join(crlf);

export const get_time = (...headers) => request('GET /time HTTP/1.1', ...headers);
export const get_target = (target, version = 'HTTP/1.1') => request(`GET ${target} ${version}`);

// A request with a body. The answer is 204 when the server understands its framing.
export const beacon = (headers, body = '{}') => request('POST /beacon HTTP/1.1', ...headers) + body;
export const chunked = (body) => beacon(['Transfer-Encoding: chunked'], body);

export const upgrade = (...headers) => request('GET /stream HTTP/1.1', ...headers);
export const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
export const version_13 = 'Sec-WebSocket-Version: 13';
export const asks_upgrade = ['Connection: Upgrade', 'Upgrade: websocket'];

export const hex = (code) => `0x${code.toString(16).padStart(2, '0')}`;
export const char = String.fromCharCode;
// Visible characters that are not token characters (RFC 9110 §5.6.2).
export const delimiters = [...'"(),/:;<=>?@[\\]{}'];
export const controls = [...Array(32).keys(), 127];

// rows(family, {expected: {what: bytes}}): the usual way to write many.
export const rows = (family, groups) => Object.entries(groups).flatMap(([expected, requests]) =>
  Object.entries(requests).map(([what, bytes]) => (Array.isArray(bytes)
    ? { family, what, bytes: bytes[0], expected, headers: bytes[1] }
    : { family, what, bytes, expected })));
// each(list, (item) => [what, bytes]) makes the {what: bytes} of a family.
export const each = (list, make) => Object.fromEntries(list.map(make));
