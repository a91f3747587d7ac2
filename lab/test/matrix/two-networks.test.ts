import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { containerLogs } from '../../src/container.ts';
import { provisionerIp } from '../../src/decide/settings.ts';
import { labDown } from '../../src/lab.ts';
import { macOf, saveDefinition } from '../../src/vm-files.ts';
import { startDefaults, startVm, waitWhileRunning } from '../../src/vm.ts';
import { consoleText, untilPrinted } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { container, freshLab, lab, usual } from '../e2e/support/test-lab.ts';
import { superviseService } from '../image/support/supervisorctl.ts';

const name = 'between';
const number = 78;
/** The screen is 80 columns wide, so only the beginning of a line is sure to be in one piece. */
const nginxIsDown = new RegExp(`pxeboot_stack: http://${provisionerIp} does not answer ${macOf(number)}`);
/** QEMU's own network: its DHCP server names itself as the server to boot from, and nobody listens there. */
const otherServer = '10.0.2.2';

describe('a VM between two live networks, of which the first card has the other one', endToEndSuite(), () => {
  before(async () => {
    await freshLab();
    await saveDefinition(lab, { ...usual, name, number });
    await superviseService(container, 'stop', 'nginx');
    await startVm(lab, name, { ...startDefaults, spareNic: 'other-network' });
  });

  after(async () => {
    await labDown(lab);
  });

  test('asks each network for a lease while nobody answers it', async () => {
    await untilPrinted(lab, name, nginxIsDown);
    await untilPrinted(lab, name, /Configuring \(net0 /);
    await untilPrinted(lab, name, /Configuring \(net1 /);
  });

  test('goes on by the card that this server has answered, once it answers again', async () => {
    await superviseService(container, 'start', 'nginx');

    await waitWhileRunning(lab, name, 'the installer asks for its configuration', async () =>
      (await containerLogs(lab)).includes(`nginx GET "/config/${macOf(number)}"`),
    );
  });

  test('has never taken the other network for its own', async () => {
    const text = await consoleText(lab, name);

    assert.doesNotMatch(text, new RegExp(`http://${otherServer.replaceAll('.', '\\.')}`));
    assert.match(text, /os_installer network up device=eth1/);
  });
});
