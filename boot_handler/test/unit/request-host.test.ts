import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RequestError } from '../../src/http/request-errors.ts';
import { parseRequestHost } from '../../src/http/request-host.ts';

test('addresses, names, ports and bracketed IPv6 are hosts', () => {
  for (const host of ['192.168.105.1', '192.168.105.1:8080', 'boot.pvmlab.local', '[fd00::1]', '[fd00::1]:80']) {
    assert.equal(parseRequestHost(host), host);
  }
});

test('what could break out of a URL or a script line is refused with 400', () => {
  const refused = [
    undefined,
    '',
    'a b',
    'a\nb',
    'a/b',
    'a?b',
    'a#b',
    'user@a',
    '${net0/mac}',
    'a:99999',
    '[fd00::zz]',
    'fd00::1',
    '-a',
    'a&&b',
  ];
  for (const host of refused) {
    assert.throws(
      () => parseRequestHost(host),
      (error: unknown) =>
        error instanceof RequestError && error.status === 400 && error.message.startsWith('read the Host header'),
      String(host),
    );
  }
});
