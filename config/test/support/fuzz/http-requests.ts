import fc from 'fast-check';

import { statusEventSchema } from '../../../contract/schemas/status-event.schema.ts';
import { fineHeader, oddHeader } from './http-headers.ts';
import type { ServedNames } from './http-targets.ts';
import { encodedTarget, oddHosts, oddTarget, targets } from './http-targets.ts';
import { oddText } from './odd-text.ts';
import { mutate, mutationOf, textOf, written } from './written-json.ts';

/** What is sent over one connection. */
export interface Conversation {
  /** Which of the clients' addresses asks. */
  client: number;
  /** Requests as bytes, one behind the other. */
  requests: Buffer[];
  /** How it ends. answered: the server has all that it needs to answer each request. torn: the client leaves in the midst of one, or
   * says a length that is not true. */
  end: 'answered' | 'torn';
}

/** Well-formed requests of one connection. */
const fineEach = 6;
const usualMethods = ['GET', 'GET', 'GET', 'GET', 'GET', 'HEAD', 'POST'];
const oddMethods = [
  ...['PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'PROPFIND', 'M-SEARCH', 'QUERY', 'SOURCE', 'PATCH', 'FOO'],
  ...[
    'get',
    'GE T',
    'G\0T',
    'GÉT',
    '',
    ' GET',
    'A'.repeat(300),
    'GET\t',
    '\r\nGET',
    '_',
    '-',
    'COPY',
    'UNLINK',
    'ACL',
    'LINK',
  ],
];
const versions = [
  'HTTP/1.0',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/9.9',
  'HTTP/1.11',
  'http/1.1',
  'HTTP/1.',
  '',
  'HTTP/1.1 x',
];
const event = fc.record({
  seq: fc.nat(100).map((n) => n + 1),
  at: fc.constant('2026-01-02T03:04:05Z'),
  step: fc.oneof(fc.constantFrom('install', 'unpack'), oddText),
  state: fc.constantFrom('started', 'progress', 'finished', 'failed'),
  message: oddText,
});
const eventPlaces = [
  [],
  ...Object.keys(statusEventSchema.properties).map((name) => [name]),
  ['facts', 'disks'],
  ['facts', 'disks', '0'],
];
const body: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 3, arbitrary: event.map((one) => Buffer.from(JSON.stringify(one))) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(event, fc.array(mutationOf(eventPlaces, ['install', 'finished']), { minLength: 1, maxLength: 3 }))
      .map(([one, mutations]) => Buffer.from(textOf(mutations.reduce(mutate, written(one))))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.constantFrom(65_535, 65_536, 65_537, 200_000).map((length) => Buffer.alloc(length, '[')) },
);

interface Parts {
  method: string;
  target: string;
  version: string;
  host: string;
  headers: readonly string[];
  body: Buffer;
  chunked: boolean;
  lineEnd: string;
}

function rarely<T>(often: T | fc.Arbitrary<T>, seldom: fc.Arbitrary<T>, weight = 8): fc.Arbitrary<T> {
  const usual = often instanceof fc.Arbitrary ? often : fc.constant(often);
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: seldom });
}

/** Well-formed requests, whatever they ask for. */
function fineRequest(names: ServedNames): fc.Arbitrary<Buffer> {
  const usual = targets(names);
  const ask = fc.record<Parts>({
    method: rarely(fc.constantFrom(...usualMethods), fc.constantFrom('PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND')),
    target: rarely(usual, encodedTarget(usual), 2),
    version: fc.constant('HTTP/1.1'),
    host: rarely('10.77.0.1', fc.constantFrom('a:80', 'pxeboot_stack', '[fe80::1%25eth0]', 'a.', '..', 'a:99999'), 10),
    headers: rarely<readonly string[]>([], fc.array(fineHeader, { minLength: 1, maxLength: 3 }), 2),
    body: rarely(Buffer.alloc(0), body, 20),
    chunked: fc.boolean(),
    lineEnd: rarely('\r\n', fc.constant('\n'), 20),
  });
  const report = fc.record<Parts>({
    method: fc.constant('POST'),
    target: fc.constantFrom(...names.macs).map((mac) => `/status/${mac}`),
    version: fc.constant('HTTP/1.1'),
    host: fc.constant('10.77.0.1'),
    headers: rarely<readonly string[]>([], fc.array(fineHeader, { maxLength: 2 }), 6),
    body,
    chunked: fc.boolean(),
    lineEnd: fc.constant('\r\n'),
  });
  return fc.oneof({ weight: 5, arbitrary: ask }, { weight: 1, arbitrary: report }).map(bytesOf);
}

/** Requests that may end the connection, of which the server can tell where they end. */
function oddRequest(names: ServedNames): fc.Arbitrary<Buffer> {
  const usual = targets(names);
  return fc
    .record<Parts>({
      method: rarely(fc.constantFrom(...usualMethods), fc.constantFrom(...oddMethods), 2),
      target: rarely(usual, oddTarget(usual), 1),
      version: rarely('HTTP/1.1', fc.constantFrom(...versions), 6),
      host: rarely('10.77.0.1', fc.constantFrom(...oddHosts), 4),
      headers: rarely<readonly string[]>([], fc.array(oddHeader, { minLength: 1, maxLength: 3 }), 1),
      body: rarely(Buffer.alloc(0), body, 6),
      chunked: fc.boolean(),
      lineEnd: rarely('\r\n', fc.constant('\n'), 20),
    })
    .map(bytesOf);
}

function bytesOf({ method, target, version, host, headers, body: content, chunked, lineEnd }: Parts): Buffer {
  const lengths =
    content.length === 0 ? [] : [chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${content.length}`];
  const lines = [`${method} ${target} ${version}`, `Host: ${host}`, ...headers, ...lengths, '', ''];
  const sent = chunked && content.length > 0 ? inChunks(content) : content;
  return Buffer.concat([Buffer.from(lines.join(lineEnd)), sent]);
}

function inChunks(content: Buffer): Buffer {
  const half = content.length >> 1;
  const parts = [content.subarray(0, half), content.subarray(half)].filter((part) => part.length > 0);
  const chunks = parts.flatMap((part) => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}

const untrueLengths = [
  ...[
    'Content-Length: -1',
    'Content-Length: 0',
    'Content-Length: 5',
    'Content-Length: 1000000000',
    'Content-Length: 99999999999999999999',
  ],
  ...[
    'Content-Length: 5, 5',
    'Content-Length: +5',
    'Content-Length:',
    'Content-Length: 0x5',
    'Content-Length: 5\r\nContent-Length: 6',
  ],
  ...[
    'Transfer-Encoding: chunked\r\nContent-Length: 5',
    'Transfer-Encoding: chunked, chunked',
    'Transfer-Encoding: gzip',
  ],
  ...[
    'Transfer-Encoding: identity',
    'Transfer-Encoding:\tchunked',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
  ],
];
const oddChunks = [
  '5\r\nhello',
  'ffffffffffffffff\r\n',
  '-1\r\n',
  '5;a=b\r\nhello\r\n0\r\n\r\n',
  '0\r\nHost: x\r\n\r\n',
  'zz\r\n',
  '05\r\nhello\r\n0\r\n',
  '\r\n',
  '5\nhello\n0\n\n',
];

/** Ones that are cut short, or whose length is not true. */
function tornRequest(names: ServedNames): fc.Arbitrary<Buffer> {
  const cut = fc
    .tuple(fc.oneof(fineRequest(names), oddRequest(names)), fc.nat(400))
    .map(([bytes, at]) => bytes.subarray(0, at % (bytes.length + 1)));
  const untrue = fc
    .tuple(
      fc.constantFrom(...names.macs),
      fc.constantFrom(...untrueLengths),
      fc.oneof(
        fc.constantFrom(...oddChunks).map((text) => Buffer.from(text)),
        body,
      ),
    )
    .map(([mac, length, content]) =>
      Buffer.concat([Buffer.from(`POST /status/${mac} HTTP/1.1\r\nHost: a\r\n${length}\r\n\r\n`), content]),
    );
  const noise = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  return fc.oneof({ weight: 3, arbitrary: cut }, { weight: 4, arbitrary: untrue }, { weight: 1, arbitrary: noise });
}

/** Some well-formed requests over one connection, and an odd one or one that is torn. An absent one is undefined.
 * @param clients how many addresses there are */
export function conversation(names: ServedNames, clients: number): fc.Arbitrary<Conversation> {
  const fine = fc.option(fineRequest(names), { freq: 100, nil: undefined });
  const before = fc.array(fine, { minLength: fineEach, maxLength: fineEach });
  const last = fc.oneof(
    { weight: 4, arbitrary: oddRequest(names).map((bytes) => ({ bytes, end: 'answered' as const })) },
    { weight: 1, arbitrary: tornRequest(names).map((bytes) => ({ bytes, end: 'torn' as const })) },
  );
  return fc.tuple(fc.nat(clients - 1), before, last).map(([client, requests, { bytes, end }]) => ({
    client,
    requests: [...requests.filter((one) => one !== undefined), bytes],
    end,
  }));
}
