import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { containerLogs } from '../../src/container.ts';
import { labDown } from '../../src/lab.ts';
import { machinePaths, macOf, saveDefinition } from '../../src/vm-files.ts';
import { startDefaults, startVm, stopVm } from '../../src/vm.ts';
import { assertBlankDisk } from '../e2e/support/blank-disk.ts';
import { untilPrinted } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { assertMemory } from '../e2e/support/installed-system.ts';
import { installedVm } from '../e2e/support/installed-vm.ts';
import { reportedFailure } from '../e2e/support/status.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

const name = 'memory';
const number = 75;
/** Enough for the installation, for the installer and its plan alone, and not even for the kernel and the initrd. */
const [enoughMiB, littleMiB, tooLittleMiB] = [1024, 320, 256];
/** By what stands in its way first: iPXE, the kernel's EFI stub, the kernel that unpacks the initrd, /init. */
const reasons = [
  /Not enough space|Out of resources/,
  /EFI stub: ERROR: Failed to (?:load initrd|allocate)/,
  /System is deadlocked on memory/,
  /init: the (?:initrd is|kernel modules are) incomplete: .* did not fit into this machine's memory/,
];

describe("the memory that an installation of Debian 12's cloud kernel needs", endToEndSuite(), () => {
  before(async () => {
    await freshLab();
    await saveDefinition(lab, { ...usual, name, number });
  });

  after(async () => {
    await labDown(lab);
  });

  test(`${tooLittleMiB} MB are too little: the screen says that it is the memory, and no installer starts`, async () => {
    await startVm(lab, name, { ...startDefaults, memoryMiB: tooLittleMiB });

    const [said] = await untilPrinted(lab, name, new RegExp(reasons.map(({ source }) => source).join('|')));
    console.log(`with ${tooLittleMiB} MB: ${said}`);
    assert.ok(!(await containerLogs(lab)).includes(`nginx GET "/config/${macOf(number)}"`));
  });

  test(`${littleMiB} MB are too little: the installer says so, here and to the server, before it touches the disk`, async () => {
    await stopVm(lab, name);
    await startVm(lab, name, { ...startDefaults, memoryMiB: littleMiB });

    const reason =
      /plan the installation: \d+ MiB of this machine's \d+ MiB of memory are free, and unpacking takes \d+ MiB/;
    await untilPrinted(lab, name, new RegExp(`INSTALLATION FAILED: ${reason.source}`));
    assert.match(await reportedFailure(lab, name), reason);
    await stopVm(lab, name);
    await assertBlankDisk(machinePaths(lab, name).disk);
  });

  test(`${enoughMiB} MB are enough`, async () => {
    await startVm(lab, name, { ...startDefaults, memoryMiB: enoughMiB });
    const vm = await installedVm(lab, name);

    assert.equal(await vm.shell('hostname'), name);
    await assertMemory(vm, enoughMiB);
  });
});
