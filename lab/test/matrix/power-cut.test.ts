import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { machinePaths, saveDefinition } from '../../src/vm-files.ts';
import { startVm, stopVm } from '../../src/vm.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { partitionNames } from '../e2e/support/installed-disk.ts';
import { installedVm } from '../e2e/support/installed-vm.ts';
import { untilUnpacked } from '../e2e/support/status.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

const name = 'cut';
const number = 76;

describe('a machine that is switched off in the middle of its installation', endToEndSuite(['sfdisk']), () => {
  before(async () => {
    await freshLab();
    await saveDefinition(lab, { ...usual, name, number });
    await startVm(lab, name);
    await untilUnpacked(lab, name, 0.3);
    await stopVm(lab, name);
  });

  after(async () => {
    await labDown(lab);
  });

  test('its disk is marked as not installed', async () => {
    assert.deepEqual(await partitionNames(machinePaths(lab, name).disk), ['ESP', 'installing']);
  });

  test('firmware that tries the disk first finds nothing to start there, and it is installed anew', async () => {
    await startVm(lab, name);
    const vm = await installedVm(lab, name);

    assert.equal(await vm.networkBoots(), 2);
    assert.equal(await vm.shell('hostname'), name);
    assert.match(await vm.shell('cat /run/cloud-init/result.json'), /"errors": \[\]/);
  });
});
