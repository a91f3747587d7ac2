import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { saveDefinition } from '../../src/vm-files.ts';
import { startVm, stopVm } from '../../src/vm.ts';
import { consoleText, runInShell, untilPrinted } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installedVm, installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

/** A name of this test's own for variables (UEFI 2.10, 8.2: VendorGuid). */
const guid = '8a4f2c1e-6b0d-4d57-9e33-70a1c5f2b846';
const directory = '/sys/firmware/efi/efivars';
/** efivarfs: four bytes of attributes, here kept over a restart, and seen by firmware and system; then the value. */
const makeValue = "{ printf '\\007\\000\\000\\000'; head -c 8000 /dev/zero; } > /run/value";
/** Large ones first, then what fits into the rest; each must be one write. */
const valueSizes = [4000, 100, 5];

/** OVMF's entry for a disk: the removable path. The one that grub-install makes has the name of the system. */
const removablePath = /BdsDxe: starting Boot[\dA-F]{4} "UEFI Misc Device"/;
const ownEntry = /BdsDxe: starting Boot[\dA-F]{4} "debian"/;

describe('a machine whose firmware has no room for a boot entry', endToEndSuite(), () => {
  const name = 'full-store';
  const definition = { ...usual, name, number: 78 };
  let vm: InstalledVm;

  before(async () => {
    await freshLab();
    await saveDefinition(lab, { ...definition, install: { kernel_args: ['initrd.mode=shell'] } });
    await startVm(lab, name);
    await untilPrinted(lab, name, /init: shell on the console/);
  });

  after(async () => {
    await labDown(lab);
  });

  test('its variable store takes nothing more', async () => {
    await runInShell(lab, name, makeValue);
    let refusal = '';
    for (const size of valueSizes) refusal = await runInShell(lab, name, fillStore(size));

    assert.match(refusal, /No space left on device/);
  });

  test('the installation goes on without the entry and says so', async () => {
    await saveDefinition(lab, definition);

    const output = await runInShell(lab, name, 'os-installer; echo status=$?');

    assert.match(
      output,
      /grub-install with a boot entry failed; trying without one .*failed to register the EFI boot entry/,
    );
    assert.match(output, /status=0$/);
  });

  test('the disk starts all the same, from the removable path', async () => {
    await stopVm(lab, name);
    await startVm(lab, name);
    vm = await installedVm(lab, name);

    assert.match(await consoleText(lab, name), removablePath);
    assert.doesNotMatch(await consoleText(lab, name), ownEntry);
    assert.equal(await vm.networkBoots(), 1);
    const entries = await vm.shell('sudo -n efibootmgr');
    assert.match(entries, /^Boot[\dA-F]{4}\* UEFI Misc Device/m);
    assert.doesNotMatch(entries, /debian/i);
  });
});

describe('a machine whose kernel shows no EFI variables', endToEndSuite(), () => {
  const name = 'no-variables';
  const install = { kernel_args: ['efi=noruntime'] };
  let vm: InstalledVm;

  before(async () => {
    await freshLab();
    vm = await installVm(lab, { ...usual, name, number: 79, install });
  });

  after(async () => {
    await labDown(lab);
  });

  test('the installation goes on without a boot entry and says so', async () => {
    assert.match(await consoleText(lab, name), /the kernel shows no EFI variables; going on without a boot entry/);
  });

  test('the disk started all the same, from the removable path', async () => {
    const text = await consoleText(lab, name);

    assert.match(text, removablePath);
    assert.doesNotMatch(text, ownEntry);
    assert.equal(await vm.networkBoots(), 1);
    assert.equal(await vm.shell('findmnt -no SOURCE /'), '/dev/vda2');
  });
});

/** A shell command that makes variables with values of so many bytes until one is refused: the words of the refusal. */
function fillStore(size: number): string {
  const next = `dd if=/run/value of=${directory}/Fill${size}x$i-${guid} bs=${size} count=1 2>/run/refusal`;
  return `i=0; while [ $i -lt 200 ] && ${next}; do i=$((i+1)); done; cat /run/refusal`;
}
