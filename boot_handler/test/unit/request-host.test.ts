import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RequestError } from '../../src/http/request-errors.ts';
import { parseRequestHost } from '../../src/http/request-host.ts';

/** A request with this Host header. */
const asking = (host: string | undefined, url = '/ipxe') => ({ url, headers: { host } });

test('addresses, names, ports and bracketed IPv6 are hosts', () => {
  for (const host of [
    '192.168.105.1',
    '192.168.105.1:8080',
    'boot.pvmlab.local',
    '[fd00::1]',
    '[fd00::1]:80',
    // A container's or a service's name, as Docker's and Compose's DNS have them.
    'pxeboot_stack',
    'pxeboot_stack:8080',
    '_pxe.example.org',
  ]) {
    assert.equal(parseRequestHost(asking(host)), host);
  }
});

test('the dot of a full name, a port that is not said and the zone of a link-local address mean nothing here', () => {
  assert.equal(parseRequestHost(asking('provisioner.pvmlab.local.')), 'provisioner.pvmlab.local');
  assert.equal(parseRequestHost(asking('provisioner.pvmlab.local.:8080')), 'provisioner.pvmlab.local:8080');
  assert.equal(parseRequestHost(asking('192.168.105.1:')), '192.168.105.1');
  // RFC 6874, 2 and 4: a zone has a meaning on its own machine only.
  assert.equal(parseRequestHost(asking('[fe80::1%25eth0]')), '[fe80::1]');
  assert.equal(parseRequestHost(asking('[fe80::1%eth0]:8080')), '[fe80::1]:8080');
});

test('a request target with a host wins over the header (RFC 9112, 3.2.2)', () => {
  assert.equal(parseRequestHost(asking('header', 'http://target:8080/ipxe?mac=http://x/')), 'target:8080');
  assert.equal(parseRequestHost(asking('header', 'HTTP://Target')), 'Target');
  assert.equal(parseRequestHost(asking(undefined, 'http://target?x')), 'target');
  assert.equal(parseRequestHost(asking('header', '/ipxe?u=http://target/')), 'header');
  assert.throws(() => parseRequestHost(asking('header', 'http://user@target/')), RequestError);
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
    'a..',
    '.',
    '[fe80::1%25a b]',
    '[fe80::1%25$x]',
    'fe80::1%25eth0',
    'a&&b',
  ];
  for (const host of refused) {
    assert.throws(
      () => parseRequestHost(asking(host)),
      (error: unknown) =>
        error instanceof RequestError && error.status === 400 && error.message.startsWith('read the Host header'),
      String(host),
    );
  }
});
