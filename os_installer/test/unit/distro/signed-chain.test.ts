import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compiledDirectory } from '../../../src/distro/signed-chain.ts';

/** As in Debian 13's grubx64.efi.signed, in this order: names of source files, then the prefix behind its header. */
const sources = 'efidisk\0disk/efi/efidisk.c\0open\0kern/efi/efi.c\0linux\0loader/efi/linux.c\0Prov';
const header = '\x03\0\0\0\x18\0\0\0';

test("the directory that a GRUB reads is its prefix, not the name of one of GRUB's source files", () => {
  for (const directory of ['debian', 'ubuntu', 'fedora']) {
    const grub = Buffer.from(`MZ\0${sources}\0\0${header}/EFI/${directory}\0\0\0`, 'latin1');

    assert.equal(compiledDirectory(grub), directory);
  }
});

test('a GRUB with no prefix on an ESP has none, nor has one that reads the removable path', () => {
  assert.equal(compiledDirectory(Buffer.from(`MZ\0${sources}\0${header}/boot/grub\0`, 'latin1')), undefined);
  assert.equal(compiledDirectory(Buffer.from(`MZ\0${sources}\0${header}/EFI/BOOT\0`, 'latin1')), undefined);
});
