import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { consoleText } from '../e2e/support/console.ts';
import { deriveImage, removeImage } from '../e2e/support/derived-images.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

const name = 'lean';
const distro = 'debian-12-test-lean';

/** The initramfs as MODULES=dep makes it on a machine with another disk. The cloud kernel has NVMe and ext4 built in, not this. */
const withoutDriver = `( set -e; work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; mkdir "$work/tree"
gzip -dc "$1" > "$work/tar"; initrd=$(tar -tf "$work/tar" --wildcards './boot/initrd.img-*')
tar -xf "$work/tar" -C "$work" "$initrd"; cd "$work/tree"; zstd -dc < "../$initrd" | cpio -idm --quiet
find . -name 'virtio_scsi.ko*' -delete; find . | cpio -o -H newc --quiet | gzip -1 > "../$initrd"; cd "$work"
tar --delete -f tar "$initrd"; tar -rf tar --owner=0 --group=0 "$initrd"; gzip -1 < tar )`;

describe('an image whose initramfs lacks the driver of the disk', endToEndSuite(['cpio', 'zstd']), () => {
  let vm: InstalledVm;

  before(async () => {
    await freshLab();
    await deriveImage(lab, usual.distro, distro, usual.arch, withoutDriver);
    vm = await installVm(lab, { ...usual, name, number: 90, distro }, { bus: 'scsi' });
  });

  after(async () => {
    await labDown(lab);
    await removeImage(lab, distro);
  });

  test('the console says which driver, and that another is made', async () => {
    assert.match(
      await consoleText(lab, name),
      /the initramfs is of no use; making another .*it lacks \W*virtio_scsi\W*, which \/dev\/sda needs/,
    );
  });

  test('the system starts from that disk with the new one', async () => {
    assert.equal(await vm.shell('findmnt -no SOURCE /'), '/dev/sda2');
    assert.match(await vm.shell('sudo -n lsinitramfs /boot/initrd.img-$(uname -r)'), /\/virtio_scsi\.ko/);
  });
});
