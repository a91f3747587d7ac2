import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { httpGet } from '../../src/container.ts';
import { labDown } from '../../src/lab.ts';
import { definitionPath, machinePaths, macOf, removeMachine, saveDefinition } from '../../src/vm-files.ts';
import { startVm, waitWhileRunning } from '../../src/vm.ts';
import { waitUntil } from '../../src/wait-until.ts';
import { untilPrinted } from '../e2e/support/console.ts';
import { deriveImage, removeImage, withoutKernel } from '../e2e/support/derived-images.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installedVm } from '../e2e/support/installed-vm.ts';
import { container, freshLab, lab, usual } from '../e2e/support/test-lab.ts';
import { pidOf } from '../image/support/processes.ts';

const name = 'early';
const number = 22;
const bare = 'debian-12-test-bare';

describe('a VM that is powered on before server and definition are there', endToEndSuite(), () => {
  let vm: InstalledVm;

  before(async () => {
    await freshLab();
    await deriveImage(lab, usual.distro, bare, usual.arch, withoutKernel);
  });

  after(async () => {
    await labDown(lab);
    await removeImage(lab, bare);
  });

  test('its screen says that the service which answers it is down', async () => {
    const pid = await waitUntil('boot_handler runs', 20_000, () => pidOf(container, 'boot_handler'));
    // Halted, supervisord does not start it again.
    await container.exec(['sh', '-c', `kill -STOP $(cat /run/pxeboot/supervisord.pid); kill -KILL ${pid}`]);
    await removeMachine(lab, name);
    await saveDefinition(lab, { ...usual, name, number, distro: bare });
    await startVm(lab, name);
    await waitWhileRunning(lab, name, 'the VM is switched on', () =>
      Promise.resolve(existsSync(machinePaths(lab, name).qmpSocket)),
    );
    // Its firmware has not yet asked for an address: from here on there is no definition.
    await rename(definitionPath(lab, name), `${definitionPath(lab, name)}.kept`);

    await untilPrinted(lab, name, /the service boot_handler does not answer this VM/);
  });

  test('its screen says that it is not defined, and which file may be the one that was meant', async () => {
    await container.exec(['sh', '-c', 'kill -CONT $(cat /run/pxeboot/supervisord.pid)']);
    await untilPrinted(lab, name, new RegExp(`this VM \\(MAC ${macOf(number)}\\) is not defined`));
    await writeFile(
      definitionPath(lab, 'typo'),
      JSON.stringify({ name: 'typo', role: 'target', mac: '52:54:00:zz:61:16' }),
    );

    await untilPrinted(lab, name, /typo\.json is not in force: \/mac 52:54:00:zz:61:16/);
  });

  test('once its definition is saved it installs itself, the other file still broken', async () => {
    await rename(`${definitionPath(lab, name)}.kept`, definitionPath(lab, name));

    vm = await installedVm(lab, name);

    assert.equal(await vm.shell('hostname'), name);
    assert.match(await httpGet('/api/vms/typo', lab), /"state":"rejected"/);
  });

  test('its root file system had no kernel, modules and initramfs: it has them now, and runs them', async () => {
    const release = await vm.shell('uname -r');
    await vm.shell(`sudo -n test -s /boot/vmlinuz-${release} && sudo -n test -s /boot/initrd.img-${release}`);
    assert.match(await vm.shell('lsmod'), /^virtio_net /m);
    assert.match(await vm.shell('cloud-init status --wait'), /status: done/);
  });
});
