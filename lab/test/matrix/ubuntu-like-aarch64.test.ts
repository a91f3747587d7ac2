import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { testCleanCloudInit } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { testOwnDisk } from '../e2e/support/other-disk.ts';
import { freshLab, lab } from '../e2e/support/test-lab.ts';

/** Debian's: every program, kernel, shim and GRUB with their signatures. Re-enacted: lab/image/like/ubuntu/change.sh. */
const [distro, arch] = ['ubuntu-24.04-like', 'aarch64'] as const;

describe('Ubuntu 24.04 for aarch64, re-enacted by a Debian 13', endToEndSuite(['qemu-system-aarch64']), () => {
  let vm: InstalledVm;

  before(async () => {
    await freshLab({ distro, arch });
    vm = await installVm(lab, { name: 'ubuntu-like-arm64', number: 93, arch, distro, pxeboot: true });
  });

  after(async () => {
    await labDown(lab);
  });

  test('host name, user and architecture are those of the definition', async () => {
    assert.equal(await vm.shell('hostname; id -un; uname -m'), `${vm.name}\nubuntu\n${arch}`);
  });

  testOwnDisk(() => vm, 'debian');

  testCleanCloudInit(() => vm);

  test('firmware with a blank NVRAM starts it from the removable-media loader in one go', async () => {
    const before = await vm.powerOns();

    await vm.startWithBlankFirmware();

    assert.equal(await vm.powerOns(), before + 1);
    assert.equal(await vm.networkBoots(), 1);
  });
});
