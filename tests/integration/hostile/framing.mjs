// The end of a request: Content-Length, Transfer-Encoding and chunked coding (RFC 9112 §6, §7). Request smuggling uses
// ambiguities here, so ambiguous requests must be refused and the connection closed.
import { beacon, bare, chunked, crlf, each, get_time, request, rows } from './shape.mjs';

const length = (values) => each(values, (value) => [`Content-Length: ${JSON.stringify(value)}`, beacon([`Content-Length: ${value}`])]);
const lengths = (pairs) => each(pairs, ([a, b]) => [`Content-Length: ${a}, then ${b}`, beacon([`Content-Length: ${a}`, `Content-Length: ${b}`])]);
const coding = (values, body = `2${crlf}{}${crlf}0${crlf}${crlf}`) =>
  each(values, (value) => [`Transfer-Encoding: ${JSON.stringify(value)}`, beacon([`Transfer-Encoding: ${value}`], body)]);
const chunk_line = (lines) => each(lines, (line) => [`chunk line ${JSON.stringify(line)}`, chunked(`${line}${crlf}{}${crlf}0${crlf}${crlf}`)]);
const small = `2${crlf}{}${crlf}0${crlf}${crlf}`;
const both = (first, second) => beacon([first, second], small);

export const framing = [
  ...rows('Content-Length', {
    '204 goes on': {
      ...length(['2', ' 2', '2 ', '\t2\t', '02', '0000000000000000002']),
      // The same number twice may be read as one (RFC 9110 §8.6).
      ...length(['2,2', '2, 2', '2 ,2']), ...lengths([['2', '2']]),
      'an unknown field of a similar name': beacon(['Content-Length: 2', 'Content_Length: 9', 'X-Content-Length: 9']),
      'a name in another case': beacon(['cOnTeNt-lEnGtH: 2']),
    },
    '400 closes': {
      ...length(['', ' ', '+2', '-2', '-0', '+0', '- 2', '2.0', '2.', '.2', '0x2', '0X2', '0b10', '2 2', '2;2', '2;', '2,', ',2', ',', '2,3', '2, 3', '3,2', '2,x',
        'two', '1e1', '2_0', '1_0', '"2"', "'2'", '(2)', '%32', 'NaN', 'inf', 'null', '2L', '2h', '2\0', '\x002', '2\x0b', '\xb2', '2\xa0', '1/2', '18446744073709551616', '18446744073709551618',
        '99999999999999999999999999', '2,18446744073709551618', '-18446744073709551614', '9'.repeat(1000)]),
      ...lengths([['2', '3'], ['3', '2'], ['2', '0'], ['0', '2'], ['2', ''], ['2', 'x'], ['2', '+2']]),
      'a space before the colon': beacon(['Content-Length : 2']),
      'a tab before the colon': beacon(['Content-Length\t: 2']),
    },
    '413 closes': { ...length(['4097', '65536', '2147483648', '4294967298', '9223372036854775807', '18446744073709551615']) },
    silence: {
      'a body that breaks off': [beacon(['Content-Length: 10']), { end: true }],
      'a chunk that breaks off': [chunked(`5${crlf}{}`), { end: true }],
      'a chunked body without its last chunk': [chunked(`2${crlf}{}${crlf}`), { end: true }],
    },
    '200 goes on': {
      'GET with a body, which means nothing': get_time('Content-Length: 5') + 'hello',
      'GET with a body that looks like a request': get_time(`Content-Length: ${bare('GET /smuggled HTTP/1.1', 'Host: a').length}`) + bare('GET /smuggled HTTP/1.1', 'Host: a'),
      'GET of length 0': get_time('Content-Length: 0'),
    },
  }),
  ...rows('Transfer-Encoding', {
    '204 goes on': { ...coding(['chunked', 'Chunked', 'CHUNKED', ' chunked ', '\tchunked\t']) },
    // Chunked is not the last coding: the length is unknown (RFC 9112 §6.3).
    '400 closes': {
      ...coding(['', 'identity', 'gzip', 'deflate', 'x', 'xchunked', 'x-chunked', 'chunked-x', 'chunke', 'chunkedd', 'chunked, gzip', 'chunked,identity', 'chunked, x', 'chunked;q=1', 'chunked;a',
        '"chunked"', "'chunked'", 'chunked chunked', 'chunked,chunked', 'chunked, chunked', 'chun ked', 'chunked\x0b', '\x0bchunked', '\0chunked', 'chunked\0', 'chunked\x7f', '\xa0chunked', 'chunked\xa0', 'chunked/', '(chunked)', 'c\x68unked\x00gzip', '*', 'chunked:']),
      'a space before the colon': beacon(['Transfer-Encoding : chunked'], small),
      'a tab before the colon': beacon(['Transfer-Encoding\t: chunked'], small),
      'the line indented, first of all': bare('POST /beacon HTTP/1.1', ' Transfer-Encoding: chunked', 'Host: localhost') + small,
      'chunked twice, on two lines': beacon(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], small),
      'chunked, then identity, on two lines': beacon(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], small),
      'chunked, then gzip, on two lines': beacon(['Transfer-Encoding: chunked', 'Transfer-Encoding: gzip'], small),
      'chunked, then nothing, on two lines': beacon(['Transfer-Encoding: chunked', 'Transfer-Encoding: x'], small),
      'HTTP/1.0 has no chunked coding': request('POST /beacon HTTP/1.0', 'Transfer-Encoding: chunked') + small,
      'HTTP/1.0 with length too': request('POST /beacon HTTP/1.0', 'Content-Length: 2', 'Transfer-Encoding: chunked') + small,
      'CL.TE': both('Content-Length: 12', 'Transfer-Encoding: chunked'),
      'TE.CL': both('Transfer-Encoding: chunked', 'Content-Length: 12'),
      'CL 0, TE': both('Content-Length: 0', 'Transfer-Encoding: chunked'),
      'TE, CL 0': both('Transfer-Encoding: chunked', 'Content-Length: 0'),
      'TE in capitals, CL': both('TRANSFER-ENCODING: CHUNKED', 'Content-Length: 2'),
      'CL, TE identity': beacon(['Content-Length: 2', 'Transfer-Encoding: identity']),
      'TE identity, CL': beacon(['Transfer-Encoding: identity', 'Content-Length: 2']),
      'TE gzip, CL': beacon(['Transfer-Encoding: gzip', 'Content-Length: 2']),
      'TE xchunked, CL': beacon(['Transfer-Encoding: xchunked', 'Content-Length: 2']),
      'TE "chunked, x", CL': beacon(['Transfer-Encoding: chunked, x', 'Content-Length: 2']),
      'TE empty, CL': beacon(['Transfer-Encoding:', 'Content-Length: 2']),
      'GET with a coding that is none': get_time('Transfer-Encoding: identity'),
      'TE.TE that hides a request': beacon(['Transfer-Encoding: chunked', 'Transfer-encoding: cow'], `0${crlf}${crlf}${bare('GET /smuggled HTTP/1.1', 'Host: a')}`),
      'CL.TE that hides a request': beacon(['Content-Length: 4', 'Transfer-Encoding: chunked'], `0${crlf}${crlf}${bare('GET /smuggled HTTP/1.1', 'Host: a')}`),
    },
    // Chunked is the last coding, but this server does not know the one before it (RFC 9112 §6.1).
    '501 closes': {
      ...coding(['gzip, chunked', 'gzip,chunked', 'x, chunked', 'identity, chunked', 'deflate , chunked', 'gzip;q=1, chunked']),
      'gzip, then chunked, on two lines': beacon(['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'], small),
      'identity, then chunked, on two lines': beacon(['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'], small),
    },
    '200 goes on': { 'TE is another field': get_time('TE: trailers, gzip') },
  }),
  ...rows('chunks', {
    '204 goes on': {
      ...chunk_line(['2', '02', '0000000000000002', '2;a', '2;a=b', '2;a="b"', '2;a="b c;d"', '2;a;b=c;d="e"']),
      'hexadecimal in either case': chunked(`a${crlf}{${' '.repeat(9)}${crlf}A${crlf}${' '.repeat(9)}}${crlf}0${crlf}${crlf}`),
      'chunks of a byte': chunked(`1${crlf}{${crlf}1${crlf}}${crlf}0${crlf}${crlf}`),
      'a last chunk of many zeros': chunked(`2${crlf}{}${crlf}0000${crlf}${crlf}`),
      'a last chunk with an extension': chunked(`2${crlf}{}${crlf}0;a=b${crlf}${crlf}`),
      'a trailer': chunked(`2${crlf}{}${crlf}0${crlf}X: y${crlf}${crlf}`),
      // Trailers are not headers (RFC 9110 §6.5.1).
      'a trailer Host': chunked(`2${crlf}{}${crlf}0${crlf}Host: b${crlf}${crlf}`),
      'a trailer Connection': chunked(`2${crlf}{}${crlf}0${crlf}Connection: close${crlf}${crlf}`),
      'a trailer Expect': chunked(`2${crlf}{}${crlf}0${crlf}Expect: wonders${crlf}${crlf}`),
      'a trailer Upgrade': chunked(`2${crlf}{}${crlf}0${crlf}Upgrade: websocket${crlf}${crlf}`),
    },
    '400 closes': {
      ...chunk_line(['', 'g', 'x2', '0x2', '-2', '+2', ' 2', '\t2', '2 2', '2,2', '2.0', '2:', '%32', 'two', '"2"', '10000000000000002', 'fffffffffffffffff', '00000000000000000002x', '2\0', '2;a\0', '2\x0b', '2\x7f',
        '2\n', '2\r', '2;a\n', '2\n;a', ';a', ';']),
      'a chunk line ended by LF': chunked(`2\n{}${crlf}0${crlf}${crlf}`),
      'chunk data ended by LF': chunked(`2${crlf}{}\n0${crlf}${crlf}`),
      'chunk data ended by nothing': chunked(`2${crlf}{}0${crlf}${crlf}`),
      'chunk data ended by other bytes': chunked(`2${crlf}{}XX0${crlf}${crlf}`),
      'chunk data longer than said': chunked(`1${crlf}{}${crlf}0${crlf}${crlf}`),
      'chunk data shorter than said': chunked(`3${crlf}{}${crlf}0${crlf}${crlf}`),
      'a last chunk ended by LF': chunked(`2${crlf}{}${crlf}0\n\n`),
      'a trailer that is none': chunked(`2${crlf}{}${crlf}0${crlf}broken${crlf}${crlf}`),
      'a trailer with a space before its colon': chunked(`2${crlf}{}${crlf}0${crlf}X : y${crlf}${crlf}`),
      'a trailer with NUL': chunked(`2${crlf}{}${crlf}0${crlf}X: \0${crlf}${crlf}`),
      'a request where the chunk should be': chunked(bare('GET /smuggled HTTP/1.1', 'Host: a')),
    },
    // A quoted string may not contain a line break; the server waits for the rest of the line.
    '408 closes': { ...chunk_line(['2;a="']) },
    '413 closes': {
      ...chunk_line(['1001', 'ffff', '7fffffff', '80000002', '100000002', '7fffffffffffffff', 'ffffffffffffffff']),
      'many chunks that are too much together': chunked(`400${crlf}${' '.repeat(1024)}${crlf}`.repeat(5) + `0${crlf}${crlf}`),
    },
    '431 closes': {
      'an extension of 30 KiB': chunked(`2;a=${'b'.repeat(30_000)}${crlf}{}${crlf}0${crlf}${crlf}`),
      'trailers of 30 KiB': chunked(`2${crlf}{}${crlf}0${crlf}${`X: ${'y'.repeat(90)}${crlf}`.repeat(320)}${crlf}`),
    },
  }),
];
