import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { containerLogs } from '../../src/container.ts';
import { buildImage } from '../../src/debian-image.ts';
import { labDown, labReset, labUp } from '../../src/lab.ts';
import { saveDefinition } from '../../src/vm-files.ts';
import { startDefaults, startVm } from '../../src/vm.ts';
import { consoleText } from '../e2e/support/console.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installedVm } from '../e2e/support/installed-vm.ts';
import { lab } from '../e2e/support/lab.ts';
import { endToEndSuite } from '../e2e/support/requirements.ts';

const arch = 'x86_64';
const name = 'e2e-http';

describe('an x86_64 machine that boots by UEFI HTTP boot, with a disk on virtio-scsi', endToEndSuite(), () => {
  let vm: InstalledVm;

  before(async () => {
    await labReset(lab);
    await buildImage(lab, 'debian-12', arch);
    await labUp(lab);
    await saveDefinition(lab, { name, number: 31, arch, distro: 'debian-12', pxeboot: true });
    await startVm(lab, name, { ...startDefaults, networkBoot: 'http', bus: 'scsi' });
    vm = await installedVm(lab, name);
  });

  after(async () => {
    await labDown(lab);
  });

  test('its firmware took iPXE over HTTP, not by TFTP', async () => {
    const log = await containerLogs(lab);

    assert.match(log, /nginx GET "\/boot\/ipxe-x86_64\.efi" .*status=200/);
    assert.doesNotMatch(log, /sent \S*ipxe-x86_64\.efi/);
  });

  test('the system runs from that disk', async () => {
    assert.equal(await vm.shell('findmnt -no SOURCE /'), '/dev/sda2');
    assert.match(await vm.shell('readlink -f /sys/block/sda'), /\/virtio\d+\/host/);
    assert.match(await consoleText(lab, name), /disk \/dev\/sda \(10\.0 GiB, scsi, .*serial lab-disk.*\): taken/);
  });
});
