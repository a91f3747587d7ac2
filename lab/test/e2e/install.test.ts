import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { saveDefinition } from '../../src/vm-files.ts';
import { startDefaults } from '../../src/vm.ts';
import { endToEndSuite } from './support/end-to-end-suite.ts';
import { identityOf, testInstalledSystem, testPingCapability } from './support/installed-system.ts';
import type { InstalledVm } from './support/installed-vm.ts';
import { installVm } from './support/installed-vm.ts';
import { freshLab, lab, usual } from './support/test-lab.ts';

describe('Debian 12, installed over the network into a blank disk', endToEndSuite(), () => {
  let vm: InstalledVm;

  before(async () => {
    await freshLab();
    vm = await installVm(lab, { ...usual, name: 'e2e-one', number: 20 });
  });

  after(async () => {
    await labDown(lab);
  });

  testInstalledSystem(() => vm, { ...usual, loader: 'BOOTX64.EFI' });

  testPingCapability(() => vm);

  test('with "pxeboot": false the network boots the distribution\'s own kernel and initrd with its disk', async () => {
    await vm.stop();
    await saveDefinition(lab, { ...usual, name: vm.name, number: 20, pxeboot: false });
    await vm.start({ ...startDefaults, first: 'network' });

    assert.match(await vm.shell('cat /proc/cmdline'), /\broot=LABEL=cloudimg-rootfs ro console=ttyS0,115200/);
    assert.equal(await vm.shell('findmnt -no LABEL /'), 'cloudimg-rootfs');
    assert.equal(await vm.shell('hostname'), 'e2e-one');
  });

  test('a second VM from the same image has a machine-id and host keys of its own', async () => {
    const first = await identityOf(vm);
    await vm.stop();
    const other = await installVm(lab, { ...usual, name: 'e2e-two', number: 21 });
    const second = await identityOf(other);
    assert.equal(await other.shell('hostname'), 'e2e-two');
    assert.equal(first.length, second.length);
    assert.deepEqual(
      first.filter((line) => second.includes(line)),
      [],
    );
  });
});
