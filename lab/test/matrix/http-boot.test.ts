import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { containerLogs } from '../../src/container.ts';
import { labDown, labReset, labUp, thisLab } from '../../src/lab.ts';
import { startDefaults, startVm } from '../../src/vm.ts';
import { macOf, noDisk, saveDefinition } from '../../src/vm-files.ts';
import { waitUntil } from '../../src/wait-until.ts';
import { endToEndSuite } from '../e2e/support/requirements.ts';

const lab = thisLab('x86_64', 'pxeboot-e2e');
const name = 'e2e-http';
const number = 31;

describe('UEFI HTTP boot of an x86_64 machine', endToEndSuite(lab), () => {
  before(async () => {
    await labReset(lab);
    await labUp(lab);
    await saveDefinition(lab, { name, number, arch: 'x86_64', distro: 'debian-12', pxeboot: true });
  });

  after(async () => {
    await labDown(lab);
  });

  test('its firmware takes iPXE over HTTP, and iPXE asks for its script', async () => {
    await startVm(lab, name, { ...startDefaults, diskSize: noDisk, networkBoot: 'http' });

    const log = await waitUntil('iPXE asks for its script', 120_000, async () => {
      const text = await containerLogs(lab);
      return text.includes(`nginx GET "/ipxe?mac=${macOf(number)}"`) && text;
    });

    assert.match(log, /nginx GET "\/boot\/ipxe-x86_64\.efi" .*status=200/);
    assert.doesNotMatch(log, /sent \S*ipxe-x86_64\.efi/);
  });
});
