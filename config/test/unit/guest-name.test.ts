import assert from 'node:assert/strict';
import { test } from 'node:test';

import { guestName, guestNameHolders } from '../../definitions/guest-name.ts';

const names: [string, string][] = [
  ['web1', 'web1'],
  ['a--b', 'a--b'],
  ['my_vm', 'my-vm'],
  ['node.k8s', 'node-k8s'],
  ['a_._b', 'a-b'],
  ['xn__abc', 'xn-abc'],
  ['10.0.0.5', '10-0-0-5'],
  [`${'a'.repeat(31)}.${'b'.repeat(31)}`, `${'a'.repeat(31)}-${'b'.repeat(31)}`],
  ['', ''],
];
for (const [name, guest] of names) {
  test(`the guest of ${JSON.stringify(name)} is called ${JSON.stringify(guest)}`, () => {
    assert.equal(guestName(name), guest);
  });
}

test('a guest name is that of the VM which is really called so, else that of the first, in whatever order they come', () => {
  for (const given of [
    ['my-vm', 'my.vm', 'my_vm', 'b.c', 'b_c'],
    ['b_c', 'my_vm', 'b.c', 'my.vm', 'my-vm'],
  ]) {
    assert.deepEqual(
      guestNameHolders(given),
      new Map([
        ['my-vm', 'my-vm'],
        ['b-c', 'b.c'],
      ]),
    );
  }
});
