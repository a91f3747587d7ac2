import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { containerLogs } from '../../src/container.ts';
import { buildImage } from '../../src/debian-image.ts';
import { labDown } from '../../src/lab.ts';
import { machinePaths, macOf, saveDefinition } from '../../src/vm-files.ts';
import { startVm, waitWhileRunning } from '../../src/vm.ts';
import { assertBlankDisk } from '../e2e/support/blank-disk.ts';
import { consoleText, untilPrinted } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

const name = 'strange';
const number = 92;
const definition = { ...usual, name, number };
const foreign = 'aarch64';

describe('an x86_64 VM whose definition says that it is of the other architecture', endToEndSuite(), () => {
  before(async () => {
    await freshLab();
    await buildImage(lab, usual.distro, foreign);
    await saveDefinition(lab, definition);
    await startVm(lab, name);
    await waitWhileRunning(lab, name, 'the VM is switched on', () =>
      Promise.resolve(existsSync(machinePaths(lab, name).qmpSocket)),
    );
    // Its firmware has not yet asked for an address. The lab started the machine that the definition named until now.
    await saveDefinition(lab, { ...definition, arch: foreign });
  });

  after(async () => {
    await labDown(lab);
  });

  test('its screen says so, after iPXE could not start that kernel', async () => {
    await untilPrinted(lab, name, new RegExp(`pxeboot_stack: ${name} is defined for another architecture`));

    assert.match(await consoleText(lab, name), /the kernel or an initrd could not be loaded or started/);
  });

  test('its disk is untouched', async () => {
    await assertBlankDisk(machinePaths(lab, name).disk);
  });

  test('once that is corrected it goes on by itself: the same iPXE starts the installer', async () => {
    await saveDefinition(lab, definition);

    await waitWhileRunning(lab, name, 'the installer asks for its configuration', async () =>
      (await containerLogs(lab)).includes(`nginx GET "/config/${macOf(number)}"`),
    );
    const starts = (await consoleText(lab, name)).match(/iPXE initialising devices/g);
    assert.equal(starts?.length, 1, 'the firmware has started iPXE again');
  });
});
