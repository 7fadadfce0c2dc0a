// Header lines (RFC 9112 §5) and the meaning of some of them (RFC 9110).
import { bare, beacon, char, controls, crlf, delimiters, each, get_time, hex, request, rows } from './shape.mjs';

const host = (values) => each(values, (value) => [`Host: ${JSON.stringify(value)}`, get_time(`Host: ${value}`)]);
const field = (lines) => each(lines, (line) => [`line ${JSON.stringify(line.slice(0, 50))}`, get_time(line)]);
// A request of exactly `size` bytes up to the end of its header section.
const of_size = (size) => get_time(`X: ${'y'.repeat(size - get_time('X: ').length)}`);

export const fields = [
  ...rows('Host', {
    '200 goes on': { ...host(['localhost', 'a', 'a:80', 'a:', '', ' a ', '127.0.0.1:8000', '[::1]', '[::1]:80', 'EXAMPLE.com', 'a_b', 'a-b.c', 'a%41', 'a.', 'xn--bcher-kva.example', "a!$&'()*+,;=b"]), 'a name in another case': get_time('hOsT: a') },
    '200 closes': { 'HTTP/1.0 needs none': bare('GET /time HTTP/1.0') },
    // RFC 9112 §3.2
    '400 closes': {
      none: bare('GET /time HTTP/1.1'), 'none, with an absolute target': bare('GET http://localhost/time HTTP/1.1'),
      'two that are the same': get_time('Host: a', 'Host: a'), 'two that differ': get_time('Host: a', 'Host: b'), 'two, one empty': get_time('Host: a', 'Host:'), 'two, in two cases': get_time('Host: a', 'HOST: b'),
      'two in HTTP/1.0': bare('GET /time HTTP/1.0', 'Host: a', 'Host: b'), three: get_time('Host: a', 'X: y', 'Host: a', 'Host: a'),
      'a space before the colon': bare('GET /time HTTP/1.1', 'Host : a'),
      ...host(['a b', 'a, b', 'a/b', 'a/', '/', 'a?b', 'a#b', 'u@a', 'u:p@a', 'http://a', 'a:b', 'a:80:80', 'a:-1', 'a:+80', 'a:8 0', '[::1', '::1', '[::1]x', '[', ']', '[]', 'a%', 'a%4', 'a%zz', 'a\\b', 'a<b', 'a>b', 'a|b', 'a^b', 'a`b', 'a"b', '{a}', 'a\tb', 'a\x80', '\xff', 'a\0', 'a\x7f']),
    },
  }),
  ...rows('header line', {
    '200 goes on': {
      ...field(['X:', 'X:y', 'X: ', 'X:\ty\t', 'X: y:z', 'X: \x80\xff', 'X: "', 'X: \\', 'X: ${jndi:ldap://localhost/a}', "X: ' OR 1=1", 'X: <script>', 'X: %0d%0aY: z', 'X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Host: evil', 'Content-Type: \xff', 'Cookie: a=b; c', 'Range: bytes=0-0', 'Range: bytes=5-1', 'Range: lines=x',
        'If-None-Match: *x', 'If-None-Match: "', 'If-Modified-Since: yesterday', 'Accept: ???', 'Accept-Encoding: gzip;q=9', 'Keep-Alive: timeout=-1', 'Connection: keep-alive', 'Connection: x', 'Connection: Upgrade', 'Connection:', 'Origin: null', 'Referer: \x80', 'User-Agent: ' + 'u'.repeat(2000), 'Content-Encoding: gzip', 'Date: never', 'Via: 9.9 x', 'Max-Forwards: -1']),
      ...each([..."!#$%&'*+-.^_`|~"], (letter) => [`name with ${letter}`, get_time(`X${letter}Y: z`)]),
      'a thousand lines': get_time(...Array(1000).fill('a: b')),
      '16 KiB of them': of_size(16_384),
      'a name of 1000 bytes': get_time(`${'n'.repeat(1000)}: y`),
      // A folded line is read as one line with blanks (RFC 9112 §5.2 also allows refusing it).
      'a folded line': get_time('X: y', ' z'), 'a line folded by a tab': get_time('X: y', '\tz'),
    },
    '200 closes': { ...field(['Connection: close', 'Connection: CLOSE', 'Connection: keep-alive, close', 'Connection: x, close , y']), 'close on a second line': get_time('Connection: keep-alive', 'Connection: close') },
    '400 closes': {
      ...field(['X', 'X y', ': y', ' : y', 'X : y', 'X\t: y', '\0: y', 'X\0: y', 'X Y: z', '=: y', 'X: y\rZ: a', 'X: y\r', 'X: y\nZ: a', '\rX: y', 'X\r: y', 'X: \r y', 'GET /smuggled HTTP/1.1', 'X\x80: y', '\xff: y', '\xef\xbb\xbfX: y']),
      ...each(delimiters.filter((letter) => letter !== ':'), (letter) => [`name with ${letter}`, get_time(`X${letter}Y: z`)]),
      ...each(controls, (code) => [`name with ${hex(code)}`, get_time(`X${char(code)}Y: z`)]),
      ...each(controls.filter((code) => code !== 9), (code) => [`value with ${hex(code)}`, get_time(`X: y${char(code)}z`)]),
      'the first one indented': bare('GET /time HTTP/1.1', ' X: y', 'Host: localhost'), 'the first one indented by a tab': bare('GET /time HTTP/1.1', '\tHost: localhost'),
      'a line of blanks': bare('GET /time HTTP/1.1', ' ', 'Host: localhost'),
      'ended by LF': `GET /time HTTP/1.1${crlf}Host: localhost\nX: y${crlf}${crlf}`, 'the section ended by LF LF': `GET /time HTTP/1.1${crlf}Host: localhost\n\n`, 'the section ended by CRLF LF': `GET /time HTTP/1.1${crlf}Host: localhost${crlf}\n`,
      'ended by CR CR LF': `GET /time HTTP/1.1${crlf}Host: localhost\r${crlf}${crlf}`, 'folded, then NUL': get_time('X: y', ' \0'),
    },
    '431 closes': {
      'a little more than 16 KiB': of_size(16_900), 'a value of 17 KiB': get_time(`X: ${'y'.repeat(17_000)}`), 'a value of 60 KiB': get_time(`X: ${'y'.repeat(60_000)}`), 'a name of 17 KiB': get_time(`${'n'.repeat(17_000)}: y`), 'five thousand lines': get_time(...Array(5000).fill('a: b')),
      'a line folded a thousand times': get_time('X: y', ...Array(1000).fill(` ${'z'.repeat(30)}`)), 'a Cookie of 20 KiB': get_time(`Cookie: ${'c'.repeat(20_000)}`), 'a Host of 20 KiB': get_time(`Host: ${'h'.repeat(20_000)}`),
    },
  }),
  ...rows('Expect', {
    '204 goes on': { '100-continue, the body at once': beacon(['Content-Length: 2', 'Expect: 100-continue']), '100-continue in capitals': beacon(['Content-Length: 2', 'Expect: 100-CONTINUE']) },
    '200 goes on': { '100-continue without a body': get_time('Expect: 100-continue'), 'an empty one': get_time('Expect:') },
    // HTTP/1.0 has no expectations (RFC 9110 §10.1.1).
    '200 closes': { 'in HTTP/1.0': bare('GET /time HTTP/1.0', 'Expect: 100-continue') },
    '417 closes': { 'something else': get_time('Expect: 200-ok'), 'wonders': get_time('Expect: wonders'), 'more than we do': get_time('Expect: 100-continue, wonders'), 'with a body': beacon(['Content-Length: 2', 'Expect: x']) },
  }),
  ...rows('beacon', {
    '400 goes on': {
      ...each(['', ' ', 'x', '[]', '1', 'null', 'true', '""', '{', '}', '{]', '{"viewer":}', '{"viewer":"1"}', '{"viewer":1e99}', '{"viewer":-1e99}', '{"viewer":-1}', '{"viewer":1.5}', '{"rate":{}}', '{"latency_ms":1}', '{"state":1}', '{"state":"a b"}', '{"state":"<b>"}', `{"state":"${'s'.repeat(33)}"}`, '{}{}', '{"a":"\xff"}', '[' .repeat(4000), '{"a":'.repeat(800), '\0', '\xef\xbb\xbf{', 'NaN', '{"rate":1e400}'],
        (body) => [`body ${JSON.stringify(body.slice(0, 40))}`, beacon([`Content-Length: ${body.length}`], body)]),
    },
    '204 goes on': each(['{}', '{"viewer":99999}', '{"rate":null}', '{"extra":[1,{"a":[]}]}', `{"x":"${'y'.repeat(4080)}"}`, ' {} ', '{"viewer":1,"viewer":2}', '{"state":""}', '{"dropped":-5}'],
      (body) => [`body ${JSON.stringify(body.slice(0, 40))}`, beacon([`Content-Length: ${body.length}`], body)]),
    '413 closes': { 'a body of 4097 bytes': beacon(['Content-Length: 4097'], ' '.repeat(4095) + '{}') },
  }),
  ...rows('methods and paths', {
    '405 goes on': each(['/', '/index.html', '/stats', '/stream', '/time'], (path) => [`DELETE ${path}`, [request(`DELETE ${path} HTTP/1.1`), { allow: /GET, HEAD/ }]]),
    '200 goes on': each(['/', '/index.html', '/stats', '/stream', '/stream?after=x.y', '/stream?after=%zz&audio=0', '/stream?after=0.99999999999999999999', '/live-player.js'], (path) => [`HEAD ${path}`, request(`HEAD ${path} HTTP/1.1`)]),
  }),
];
