import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';

import { importImage } from '@pxeboot/config/import/import-image';
import { keptProgress } from '@pxeboot/config/test/integration/import/support/imported';

import { imageDirectory, moduleList } from '../../src/debian-image.ts';
import { labDown } from '../../src/lab.ts';
import { capable, makeDebianDisk } from '../e2e/support/debian-disk.ts';
import { gzipRootfs, removeImage } from '../e2e/support/derived-images.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { testCleanCloudInit } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

const name = 'imported';
const distro = 'imported-test';
const suite = endToEndSuite([
  'losetup',
  'sfdisk',
  'mkfs.btrfs',
  'mkfs.fat',
  'mcopy',
  'setcap',
  'zstd',
  'cpio',
  'depmod',
]);

describe('a qcow2 of Debian on subvolumes of btrfs, imported and installed', suite, () => {
  let vm: InstalledVm;
  const undo: (() => unknown)[] = [];

  before(async () => {
    await freshLab();
    const rootfs = join(imageDirectory(lab, usual.distro, usual.arch), gzipRootfs);
    const file = await makeDebianDisk({ after: (work) => void undo.push(work as () => unknown) }, rootfs);
    const { progress } = keptProgress();
    const options = { images: lab.images, moduleList: join(lab.root, moduleList), name: distro, force: true, progress };
    await importImage(file, { ...options, signal: new AbortController().signal });
    vm = await installVm(lab, { ...usual, name, number: 92, distro });
  });

  after(async () => {
    await labDown(lab);
    await removeImage(lab, distro);
    for (const work of undo) await work();
  });

  test('its disk started, with what was in each subvolume', async () => {
    assert.equal(await vm.networkBoots(), 1);
    assert.equal(
      await vm.shell('findmnt -no SOURCE /; ls /var/from-the-image /home/from-the-image'),
      '/dev/vda2\n/home/from-the-image\n/var/from-the-image',
    );
  });

  test('a capability of the image is there', async () => {
    const look = `import os; print(os.getxattr("${capable}", "security.capability").hex()[:8])`;

    // linux/capability.h: revision 2 with the effective flag.
    assert.equal(await vm.shell(`python3 -c '${look}'`), '01000002');
  });

  testCleanCloudInit(() => vm);
});
