// The first line (RFC 9112 §3): methods, targets and versions.
import { bare, char, controls, crlf, delimiters, each, get_target, get_time, hex, request, rows } from './shape.mjs';

const method = (names) => each(names, (name) => [`method ${JSON.stringify(name.slice(0, 40))}`, request(`${name} /time HTTP/1.1`)]);
const version = (names) => each(names, (name) => [`version ${JSON.stringify(name)}`, get_target('/time', name)]);
const target = (targets) => each(targets, (text) => [`target ${JSON.stringify(text.slice(0, 60))}${text.length > 60 ? ` of ${text.length} bytes` : ''}`, get_target(text)]);
const line = (lines) => each(lines, (text) => [`line ${JSON.stringify(text)}`, request(text)]);
const raw = (texts) => each(texts, (text) => [`bytes ${JSON.stringify(text.slice(0, 40))}`, text]);

// The first bytes of TLS 1.2 and 1.3, as a browser sends them for https://.
const client_hello = `\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03${'r'.repeat(32)}\x00\x00\x02\x13\x01\x01\x00\x00\x00`;

export const request_lines = [
  ...rows('method', {
    '200 goes on': { GET: get_time(), HEAD: request('HEAD /time HTTP/1.1') },
    '405 goes on': { ...each(['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE'], (name) => [name, [request(`${name} /time HTTP/1.1`), { allow: /GET, HEAD/i }]]),
      'GET where only POST is': [request('GET /beacon HTTP/1.1'), { allow: /POST/ }], 'HEAD where only POST is': [request('HEAD /beacon HTTP/1.1'), { allow: /POST/ }] },
    '204 goes on': { 'OPTIONS of a path': [request('OPTIONS /time HTTP/1.1'), { allow: /GET, HEAD/ }], 'OPTIONS of the server': [request('OPTIONS * HTTP/1.1'), { allow: /GET, HEAD/ }] },
    '404 goes on': { 'OPTIONS of nothing': request('OPTIONS /nothing HTTP/1.1'), 'POST to nothing': request('POST /nothing HTTP/1.1', 'Content-Length: 0'), 'HEAD of nothing': request('HEAD /nothing HTTP/1.1') },
    // Methods that no resource of this server has (RFC 9110 §9.1); names are case-sensitive.
    '501 goes on': { ...method(['get', 'Get', 'gET', 'GETT', 'GE', 'G', 'FOO', 'PROPFIND', 'M-SEARCH', 'BREW', 'X'.repeat(100), "!#$%&'*+-.^_`|~09", 'PRI']),
      ...each(['localhost:80', 'example.com:443', '[::1]:80'], (text) => [`CONNECT ${text}`, request(`CONNECT ${text} HTTP/1.1`)]) },
    '400 closes': {
      ...each(delimiters, (letter) => [`method with ${letter}`, request(`G${letter}T /time HTTP/1.1`)]),
      ...each(controls, (code) => [`method with ${hex(code)}`, request(`G${char(code)}T /time HTTP/1.1`)]),
      ...method(['G\x80T', 'G\xffT', '\xff', '\xef\xbb\xbfGET']),
    },
  }),
  ...rows('first line', {
    '400 closes': {
      ...line([' GET /time HTTP/1.1', '\tGET /time HTTP/1.1', 'GET  /time HTTP/1.1', 'GET\t/time HTTP/1.1', 'GET /time  HTTP/1.1', 'GET /time\tHTTP/1.1', 'GET /time HTTP/1.1 ', 'GET /time HTTP/1.1\t', 'GET /ti me HTTP/1.1',
        'GET /time HTTP/1.1 HTTP/1.1', 'GET /time', 'GET', 'GET ', ' ', '/time', '/time HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1 200 OK', 'GET HTTP/1.1', 'GET  HTTP/1.1', 'GET /time HTTP/1.1\rX: y', 'GET /time HTTP/1.1\0',
        'GET /time\rHTTP/1.1', 'nonsense', ':', 'Host: localhost']),
      'ended by LF': `GET /time HTTP/1.1\nHost: localhost${crlf}${crlf}`,
      'ended by CR': `GET /time HTTP/1.1\rHost: localhost${crlf}${crlf}`,
      'ended by LF CR': `GET /time HTTP/1.1\n\rHost: localhost${crlf}${crlf}`,
      'ended by CR CR LF': `GET /time HTTP/1.1\r\r\nHost: localhost${crlf}${crlf}`,
      'LF everywhere': 'GET /time HTTP/1.1\nHost: localhost\n\n',
      'CR everywhere': 'GET /time HTTP/1.1\rHost: localhost\r\r',
      'a line of blanks before': `  ${crlf}${get_time()}`,
      'a request of HTTP/0.9': `GET /time${crlf}`,
    },
    // At least one empty line before a request must be ignored (RFC 9112 §2.2).
    '200 goes on': { 'an empty line before': crlf + get_time() },
  }),
  ...rows('version', {
    // A higher minor version should be served as the highest known one (RFC 9110 §2.5); the parser refuses it, and clients do
    // not send it.
    '200 goes on': version(['HTTP/1.1']),
    '200 closes': version(['HTTP/1.0']),
    '505 closes': { ...version(['HTTP/1.2', 'HTTP/1.9', 'HTTP/0.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/2.1', 'HTTP/3.0', 'HTTP/9.9']), 'the preface of HTTP/2': `PRI * HTTP/2.0${crlf}${crlf}SM${crlf}${crlf}` },
    '400 closes': version(['HTTP/1', 'HTTP/1.', 'HTTP/.1', 'HTTP/2', 'HTTP/1.11', 'HTTP/01.1', 'HTTP/11.1', 'HTTP/1.1.1', 'HTTP/1.01', 'http/1.1', 'Http/1.1', 'HTTp/1.1', 'HTTP', 'HTTP/', 'HTTP/1,1', 'HTTP/1 .1', 'HTTP/ 1.1',
      'HTTP /1.1', 'HTTP/x.y', 'HTTP/1.x', 'HTTP/-1.1', 'HTTP/+1.1', 'HTTP/1.1x', 'HTTP/1.1\x0b', 'HTTP/\xb9.\xb9', 'HTTPS/1.1', 'HTP/1.1', 'XHTTP/1.1', 'ICY/1.1', 'RTSP/1.0', 'SIP/2.0', '/1.1', '1.1', 'HTTP\\1.1', 'HTTP:1.1']),
  }),
  ...rows('other protocols', {
    '400 closes': {
      'a TLS client': client_hello,
      ...raw(['SSH-2.0-OpenSSH_9.2\r\n', 'HELO mail\r\n', 'EHLO mail\r\n', '*1\r\n$4\r\nPING\r\n', 'stats\r\n', '\x05\x01\x00', '\x04\x01\x00\x50\x7f\x00\x00\x01\x00', '\0\0\0\0', '\xff\xfe\xfd', '{"method":"GET"}\r\n', '<xml/>\r\n', 'GIOP\x01\x00',
        '\x80\x2e\x01\x00\x02', '\x00\x00\x00\x18ftypmp42', '\x03\x00\x00\x13\x0e\xe0', 'JRMI\x00\x02K', '\x10\x0c\x00\x04MQTT\x04', 'G\0E\0T\0 \0/\0', '\xf0\x9f\x98\x80\r\n']),
      'the PROXY protocol, unasked': `PROXY TCP4 192.0.2.1 192.0.2.2 1000 80${crlf}${get_time()}`,
      'the PROXY protocol 2, unasked': `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01\x03\xe8\0\x50${get_time()}`,
      'RTSP': bare('OPTIONS rtsp://localhost/ RTSP/1.0', 'CSeq: 1'),
      'a frame of WebSocket': '\x81\x85\x01\x02\x03\x04hello',
      'an answer': `HTTP/1.1 200 OK${crlf}Content-Length: 0${crlf}${crlf}`,
    },
  }),
  ...rows('target', {
    '200 goes on': {
      ...target(['/time?', '/time?x', '/time?x=%41', '/time?%zz', '/time?a=b&&=&', '/time?' + 'a'.repeat(8000), '/%74ime', '/%74%69%6d%65', '/time??', '/time?/../..', 'http://localhost/time', 'http://other.example/time', 'HTTP://LOCALHOST:99/time', 'http://localhost/time?x', 'http://[::1]/time']),
    },
    '404 goes on': {
      ...target(['//time', '///', '/time/', '/time/.', '/./time', '/x/../time', '/TIME', '/time%20', '/time%09', '/time;x', '/time%3f', '/%2ftime', '/time%0d%0aX:%20y', '/%ff', '/a'.repeat(4096), '/' + 'a'.repeat(8191),
        '/../../etc/passwd', '/../etc/passwd', '/..', '/...', '/.', '/..%2fetc/passwd', '/%2e%2e/etc/passwd', '/%2e%2e%2fetc%2fpasswd', '/..%5c..%5cetc', '/%252e%252e/etc/passwd', '/.%2e/etc/passwd', '/%c0%ae%c0%ae/etc/passwd', '/%uff0e',
        '/index.html/../../etc/passwd', '/player/../../../etc/passwd', '/..;/etc/passwd', '//etc/passwd', '/file:///etc/passwd', '/.env', '/.git/config', '/proc/self/environ', '/index.html%2f', '/index.html/'].filter((text) => !/%u/.test(text))),
    },
    '400 closes': {
      ...target(['/%', '/%2', '/%zz', '/%g0', '/%0g', '/%%', '/%u0041', '/%-1', '/%+1', '/% 20', '/time%', '/time%4', '/%00', '/time%00', '/time%00.html', '/%00/../etc/passwd', '/a%', 'time', 'time/', '?x', '?', '*', '**', '/time#x', '#', '/#', '.', '..', '../time', '\\time', ':', 'localhost', 'localhost:80',
        'http:', 'http:/', 'http://', 'http:///time', 'http://?x', 'ftp://localhost/time', 'file:///etc/passwd', 'ws://localhost/stream', 'javascript:alert(1)', '://localhost/time', 'http//localhost/time', 'http://localhost/%zz', 'http://localhost/%00', 'http:time', '-1:/', 'ht tp://localhost/time']),
      'OPTIONS of * with more': request('OPTIONS *x HTTP/1.1'), 'OPTIONS of nothing at all': request('OPTIONS  HTTP/1.1'), 'POST of *': request('POST * HTTP/1.1', 'Content-Length: 0'), 'HEAD of *': request('HEAD * HTTP/1.1'),
      'GET of a host and port': request('GET localhost:80 HTTP/1.1'),
      ...each([...controls, 0x80, 0xa0, 0xff].filter((code) => code !== 10 && code !== 13), (code) => [`target with ${hex(code)}`, get_target(`/ti${char(code)}me`)]),
    },
    '414 closes': target(['/' + 'a'.repeat(8192), '/?' + 'a'.repeat(8192), '/' + 'a'.repeat(16_000), '/' + 'a'.repeat(16_384), '/' + 'a'.repeat(20_000), '/' + 'a'.repeat(60_000), '/' + '%41'.repeat(10_000), 'http://' + 'a'.repeat(20_000) + '/']),
  }),
];
