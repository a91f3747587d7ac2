import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chooseResolvFile } from '../../../container/decide/resolvers.ts';

const own = '192.168.105.1';

test('the first file with a server is chosen', () => {
  const files = [
    { path: '/run/systemd/resolve/resolv.conf', text: undefined },
    { path: '/etc/resolv.conf', text: '# made by hand\nsearch lan\nnameserver 127.0.0.53\n' },
  ];

  assert.equal(chooseResolvFile(files, own), '/etc/resolv.conf');
});

test("systemd-resolved's real servers go before its stub", () => {
  const files = [
    { path: '/run/systemd/resolve/resolv.conf', text: 'nameserver 10.0.0.1' },
    { path: '/etc/resolv.conf', text: 'nameserver 127.0.0.53' },
  ];

  assert.equal(chooseResolvFile(files, own), '/run/systemd/resolve/resolv.conf');
});

test('a file that names only this stack is not chosen', () => {
  assert.equal(chooseResolvFile([{ path: '/etc/resolv.conf', text: `nameserver ${own}\n` }], own), undefined);
});

test('a file without servers is not chosen', () => {
  assert.equal(chooseResolvFile([{ path: '/etc/resolv.conf', text: '#nameserver 10.0.0.1\n' }], own), undefined);
});
