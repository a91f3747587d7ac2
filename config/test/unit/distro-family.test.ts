import assert from 'node:assert/strict';
import { test } from 'node:test';

import { otherFamilyFault } from '../../definitions/distro-family.ts';

const others = [
  ...['fedora-40', 'Fedora', 'fedora40', 'rocky-9', 'rockylinux-9', 'almalinux-9', 'oraclelinux-9', 'amazonlinux-2023'],
  ...['arch', 'archlinux', 'alpine-3.20', 'opensuse-leap-15.6', 'sle-15', 'sles15', 'voidlinux'],
];

test('a distribution of another family is refused by its name, with what to do', () => {
  for (const distro of others) {
    assert.deepEqual(
      otherFamilyFault(distro),
      {
        file: '',
        path: '/distro',
        value: JSON.stringify(distro),
        problem: `"${distro}" is not a system of the Debian family (Debian, Ubuntu), and only those can be installed`,
        fix: 'set "pxeboot" to false to boot its own kernel and initrd, or choose a Debian or Ubuntu as "distro"',
      },
      distro,
    );
  }
});

test('Debian, Ubuntu and names that say nothing are not refused', () => {
  for (const distro of [
    'linuxmint-22',
    'debian-12',
    'ubuntu-24.04',
    'my-image',
    'archive-of-debian',
    'my-fedora',
    '',
  ]) {
    assert.equal(otherFamilyFault(distro), undefined, distro);
  }
});
