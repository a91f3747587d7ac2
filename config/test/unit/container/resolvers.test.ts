import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chooseResolvers, resolvFileText } from '../../../container/decide/resolvers.ts';

const own = '192.168.105.1';
const path = '/etc/resolv.conf';

test('the first file with a server is chosen', () => {
  const files = [
    { path: '/run/systemd/resolve/resolv.conf', text: undefined },
    { path, text: '# made by hand\nsearch lan\nnameserver 127.0.0.53\n' },
  ];

  assert.deepEqual(chooseResolvers(files, own), { path, servers: ['127.0.0.53'] });
});

test("systemd-resolved's real servers go before its stub", () => {
  const files = [
    { path: '/run/systemd/resolve/resolv.conf', text: 'nameserver 10.0.0.1\nnameserver fe80::1%eth0' },
    { path, text: 'nameserver 127.0.0.53' },
  ];

  assert.deepEqual(chooseResolvers(files, own), {
    path: '/run/systemd/resolve/resolv.conf',
    servers: ['10.0.0.1', 'fe80::1%eth0'],
  });
});

test('this stack is not asked, and what is next to it is', () => {
  const text = `nameserver ${own}\nnameserver 10.0.0.1\n`;

  assert.deepEqual(chooseResolvers([{ path, text }], own), { path, servers: ['10.0.0.1'] });
});

const none: [string, { text: string | undefined; error?: string }, string][] = [
  ['a file that is missing', { text: undefined }, `${path} is not there`],
  ['an empty file', { text: '' }, `${path} names no server`],
  ['comments alone', { text: '#nameserver 10.0.0.1\n' }, `${path} names no server`],
  ['what is no address', { text: 'nameserver dns.example.org\n' }, `${path} names no server`],
  ['this stack alone', { text: `nameserver ${own}\n` }, `${path} names no server but this stack itself`],
  ['a file that cannot be read', { text: undefined, error: `read "${path}": EACCES` }, `read "${path}": EACCES`],
];
for (const [what, file, reason] of none) {
  test(`with ${what} nobody is asked, for a reason`, () => {
    assert.deepEqual(chooseResolvers([{ path, ...file }], own), { reason });
  });
}

test('dnsmasq gets the addresses and nothing else', () => {
  assert.equal(resolvFileText({ path, servers: ['10.0.0.1', '::1'] }), 'nameserver 10.0.0.1\nnameserver ::1\n');
  assert.equal(resolvFileText({ reason: 'x' }), '');
});
