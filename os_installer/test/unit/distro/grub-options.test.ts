import assert from 'node:assert/strict';
import { test } from 'node:test';

import { debian } from '../../../src/distro/debian.ts';
import { knownOptions } from '../../../src/distro/grub-options.ts';

const optional = debian.grub.optionalOptions;

/** As argp prints it (Debian 12): an option too long for its column pushes the words away, or below. */
const debianHelp = `Usage: grub-install [OPTION...] [OPTION] [INSTALL_DEVICE]
Install GRUB on your drive.

      --compress=no|xz|gz|lzo   compress GRUB files [optional]
  -d, --directory=DIR        use images and modules under DIR
                             [default=/usr/lib/grub/<platform>]
      --core-compress=xz|none|auto
                             choose the compression to use for core image
      --force-extra-removable   force installation to the removable media path
                             also. This option is only available on EFI.
  -?, --help                 give this help list
`;
const ubuntuHelp = debianHelp.replace(
  /--force-extra-removable.*\n.*/,
  '--no-extra-removable   Do not install to the removable path.',
);

test("Debian's help lists the option, Ubuntu's does not", () => {
  assert.deepEqual(knownOptions(debianHelp, optional), ['--force-extra-removable']);
  assert.deepEqual(knownOptions(ubuntuHelp, optional), []);
  assert.deepEqual(knownOptions('', optional), []);
});

test('an option is found wherever it may stand in the list: alone, after another name, before its value', () => {
  for (const line of [
    '      --force-extra-removable',
    '  -x, --force-extra-removable   words',
    '      --extra=X, --force-extra-removable',
    '      --extra[=X,Y], --force-extra-removable=X',
    '      --force-extra-removable[=X] words',
    '      --force-extra-removable\r',
  ]) {
    assert.deepEqual(knownOptions(`${line}\n`, optional), ['--force-extra-removable'], line);
  }
});

test('what the words about another option mention is not listed, nor a longer name', () => {
  for (const line of [
    '      --extra                see --force-extra-removable',
    '      --locale-directory=DIR --force-extra-removable is not this one',
    '                             --force-extra-removable, at the head of wrapped words',
    '      --force-extra-removable-media',
    '      --no-force-extra-removable',
    '--force-extra-removable',
  ]) {
    assert.deepEqual(knownOptions(`${line}\n`, optional), [], line);
  }
});
