import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { consoleText } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { testIpxeOverHttp } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

const name = 'e2e-http';

describe('an x86_64 machine that boots by UEFI HTTP boot, with a disk on virtio-scsi', endToEndSuite(), () => {
  let vm: InstalledVm;

  before(async () => {
    await freshLab();
    vm = await installVm(lab, { ...usual, name, number: 31 }, { networkBoot: 'http', bus: 'scsi' });
  });

  after(async () => {
    await labDown(lab);
  });

  testIpxeOverHttp(usual.arch);

  test('the system runs from that disk', async () => {
    assert.equal(await vm.shell('findmnt -no SOURCE /'), '/dev/sda2');
    assert.match(await vm.shell('readlink -f /sys/block/sda'), /\/virtio\d+\/host/);
    assert.match(await consoleText(lab, name), /disk \/dev\/sda \(10\.0 GiB, scsi, .*serial lab-disk.*\): taken/);
  });
});
