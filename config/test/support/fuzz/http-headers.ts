import fc from 'fast-check';

import { oddHosts } from './http-targets.ts';
import { oddPiece, oddText } from './odd-text.ts';

/** Each is valid by itself; some claim an address that is not the sender's. */
const wellFormedHeaders = [
  ...[
    'X-Real-IP: 127.0.0.1',
    'X-Real-IP: 10.77.0.1',
    'x-real-ip: ::1',
    'X-Forwarded-For: 127.0.0.1',
    'Forwarded: for=127.0.0.1',
  ],
  ...[
    'X-Accel-Redirect: /images-without-links/',
    'X-Original-URL: /cloud-init/web2/user-data',
    'X-HTTP-Method-Override: DELETE',
  ],
  ...[
    'Authorization: Bearer x',
    'Authorization: Bearer',
    'Authorization: Basic Og==',
    `Authorization: Bearer ${'0'.repeat(16)}.${'0'.repeat(64)}`,
  ],
  ...[
    'Range: bytes=0-',
    'Range: bytes=-1',
    'Range: bytes=5-1',
    'Range: bytes=0-0,0-0,1-1',
    `Range: bytes=${'0-0,'.repeat(1000)}1-`,
  ],
  ...[
    'Range: bytes=18446744073709551615-',
    'If-Range: "x"',
    'If-None-Match: *',
    'If-Modified-Since: x',
    'If-Unmodified-Since: 0',
  ],
  ...[
    'Expect: 100-continue',
    'Expect: x',
    'Upgrade: websocket',
    'Upgrade: h2c',
    'Connection: Host, X-Real-IP',
    'Connection: upgrade',
  ],
  ...['Keep-Alive: timeout=0', 'TE: trailers', 'Trailer: Host', 'Via: 1.1 x', 'Max-Forwards: 0'],
  ...[
    'Accept-Encoding: gzip',
    'Content-Type: text/plain; charset=utf-7',
    'Content-Type: text/plain; charset=x',
    'Content-Type: ;',
  ],
  ...[
    'Content-Type: text/plain; charset=hex',
    'Content-Type: text/plain; charset=utf-16',
    'Content-Encoding: gzip',
    'Content-Encoding: x',
  ],
];
/** Such as end a connection. */
const badHeaders = [
  'Connection: close',
  ...[
    'Host: b',
    ': x',
    'NoColon',
    ' folded',
    '\tfolded: x',
    'A\0: b',
    'A: b\0c',
    'A b: c',
    'A: \x01',
    'A: \x7f',
    'A: \r',
    'Cookie: a=b; a=c',
  ],
  ...[
    'Referer: \x1b[2J',
    'Referer: http://x/\u202e',
    'User-Agent: \xff\xfe',
    'Sec-WebSocket-Key: x',
    'HTTP2-Settings: x',
  ],
];
const longHeader = fc.constantFrom(1_000, 7_000, 9_000, 40_000).map((length) => `X-Long: ${'x'.repeat(length)}`);
const manyHeaders = fc
  .constantFrom(50, 150, 1_100, 2_100)
  .map((times) => Array.from({ length: times }, (_, n) => `X-${n}: y`).join('\r\n'));
/** A header that any server takes, whatever it makes of it. */
export const fineHeader = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...wellFormedHeaders) },
  { weight: 1, arbitrary: fc.constantFrom(1_000, 7_000).map((length) => `X-Long: ${'x'.repeat(length)}`) },
);
/** One header or some, that may end the connection. */
export const oddHeader = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...badHeaders) },
  { weight: 2, arbitrary: fc.constantFrom(...oddHosts).map((host) => `Host: ${host}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('Referer', 'User-Agent', 'Authorization', 'X-Real-IP', 'Range', 'Content-Type', 'Accept'),
        oddText,
      )
      .map(([name, text]) => `${name}: ${text}`),
  },
  { weight: 1, arbitrary: fc.tuple(oddPiece, oddPiece).map(([name, value]) => `${name}: ${value}`) },
  { weight: 1, arbitrary: longHeader },
  // Each fits in nginx's buffers, and all together are more than Node takes.
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(2, 3, 4)
      .map((times) => Array.from({ length: times }, (_, n) => `X-Long-${n}: ${'x'.repeat(7_000)}`).join('\r\n')),
  },
  { weight: 1, arbitrary: manyHeaders },
);
