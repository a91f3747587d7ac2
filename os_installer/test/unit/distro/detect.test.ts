import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/kit/errors';

import { chooseDistro, osReleaseValue, requireFamily } from '../../../src/distro/detect.ts';

test('a distribution of another family is refused by its name', () => {
  for (const distro of ['fedora-40', 'Fedora', 'rocky-9', 'arch', 'alpine-3.20', 'fedora40']) {
    assert.throws(() => chooseDistro(distro), InputError, distro);
  }
});

test('Debian, Ubuntu and names that say nothing are not refused', () => {
  for (const distro of ['debian-12', 'ubuntu-24.04', 'my-image', 'archive-of-debian']) chooseDistro(distro);
});

test('os-release decides the family: by ID or by ID_LIKE', () => {
  assert.doesNotThrow(() => requireFamily('ID=debian\n', 'debian'));
  assert.doesNotThrow(() => requireFamily('NAME="Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'));
});

test('an os-release of no known family is refused with its ID', () => {
  assert.throws(
    () => requireFamily('ID="fedora"\nVERSION_ID=40\n', 'debian'),
    (error: unknown) => error instanceof InputError && error.message.includes('ID "fedora"'),
  );
});

test('what was unpacked must be of the family that was planned', () => {
  requireFamily('ID=ubuntu\nID_LIKE=debian\n', chooseDistro('ubuntu-24.04').family);

  assert.throws(
    () => requireFamily('ID=fedora\n', 'debian'),
    /^InputError: read \/etc\/os-release of the root file system: ID "fedora" is of no family that can be installed; use a root file system of Debian or Ubuntu$/,
  );
});

test('a value of os-release loses its quotes; an absent one is empty', () => {
  const text = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n';

  assert.equal(osReleaseValue(text, 'PRETTY_NAME'), 'Debian GNU/Linux 12 (bookworm)');
  assert.equal(osReleaseValue(text, 'NAME'), '');
});
