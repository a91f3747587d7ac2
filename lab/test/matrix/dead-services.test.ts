import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { containerLogs } from '../../src/container.ts';
import { provisionerIp } from '../../src/decide/settings.ts';
import { labDown } from '../../src/lab.ts';
import { machinePaths, macOf, saveDefinition } from '../../src/vm-files.ts';
import { startVm, waitWhileRunning } from '../../src/vm.ts';
import { assertBlankDisk } from '../e2e/support/blank-disk.ts';
import { consoleText, untilPrinted } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { container, freshLab, lab, usual } from '../e2e/support/test-lab.ts';
import { superviseService } from '../image/support/supervisorctl.ts';

const name = 'unserved';
const number = 77;
/** The screen is 80 columns wide, so only the beginning of a line is sure to be in one piece. */
const nginxIsDown = new RegExp(`pxeboot_stack: http://${provisionerIp} does not answer ${macOf(number)}`);
const dnsmasqIsDown = /pxeboot_stack: no answer to DHCP\./;

describe('a VM that has loaded iPXE while services of the container are down', endToEndSuite(), () => {
  before(async () => {
    await freshLab();
    await saveDefinition(lab, { ...usual, name, number });
    await superviseService(container, 'stop', 'nginx');
    await startVm(lab, name);
  });

  after(async () => {
    await labDown(lab);
  });

  test('without nginx its screen says which server does not answer', async () => {
    await untilPrinted(lab, name, nginxIsDown);
  });

  test('without dnsmasq too, its screen says that nobody answers DHCP', async () => {
    // With a lease iPXE finds no nginx and asks for a lease again: it comes to the words whenever dnsmasq ends.
    await superviseService(container, 'stop', 'dnsmasq');

    await untilPrinted(lab, name, dnsmasqIsDown);
  });

  test('its disk is untouched', async () => {
    await assertBlankDisk(machinePaths(lab, name).disk);
  });

  test('once both are back it goes on by itself: the same iPXE starts the installer', async () => {
    await superviseService(container, 'start', 'dnsmasq');
    await superviseService(container, 'start', 'nginx');

    await waitWhileRunning(lab, name, 'the installer asks for its configuration', async () =>
      (await containerLogs(lab)).includes(`nginx GET "/config/${macOf(number)}"`),
    );
    const starts = (await consoleText(lab, name)).match(/iPXE initialising devices/g);
    assert.equal(starts?.length, 1, 'the firmware has started iPXE again');
  });
});
