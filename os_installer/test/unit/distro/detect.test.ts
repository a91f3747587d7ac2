import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/kit/errors';
import { parseOsRelease } from '@pxeboot/config/kit/os-release';

import { chooseDistro, requireDistro } from '../../../src/distro/detect.ts';

test('a plan is made for the family that the server found, else for that of Debian', () => {
  assert.deepEqual(
    [chooseDistro('fedora'), chooseDistro('debian'), chooseDistro(undefined)].map(({ family }) => family),
    ['fedora', 'debian', 'debian'],
  );
});

test('os-release decides the family: by ID or by ID_LIKE', () => {
  const families = [
    'ID=debian\n',
    'NAME="Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n',
    'ID="rocky"\nID_LIKE="rhel fedora"\n',
  ].map((text) => requireDistro(parseOsRelease(text)).family);

  assert.deepEqual(families, ['debian', 'debian', 'fedora']);
});

test('an os-release of no known family is refused with its ID', () => {
  assert.throws(
    () => requireDistro(parseOsRelease('ID="arch"\n')),
    (error: unknown) =>
      error instanceof InputError &&
      error.message ===
        'read /etc/os-release of the root file system: ID "arch" is of no family that can be installed; ' +
          'use a root file system of one of these: Debian, Ubuntu, Fedora, RHEL, Rocky, AlmaLinux, CentOS Stream',
  );
});
