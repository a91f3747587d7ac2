import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { containerLogs, removeContainer, startContainer } from '../../src/container.ts';
import { vmsDirectory } from '../../src/decide/settings.ts';
import { labDown } from '../../src/lab.ts';
import { machinePaths, removeMachine } from '../../src/vm-files.ts';
import { startDefaults, startVm } from '../../src/vm.ts';
import { assertBlankDisk } from '../e2e/support/blank-disk.ts';
import { consoleText, untilPrinted } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installedVm, installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

const name = 'once';
const reinstall = join(vmsDirectory(lab), `${name}.reinstall`);

/** What this container has let the VM boot, in order. */
async function boots(): Promise<string[]> {
  return [...(await containerLogs(lab)).matchAll(/ipxe sent .*vm=once boot=(\w+)/g)].map(([, boot = '']) => boot);
}

describe('install.once with firmware that tries the network first', endToEndSuite(), () => {
  let vm: InstalledVm;
  let identity: string;
  const readIdentity = (): Promise<string> => vm.shell('cat /etc/machine-id');

  before(async () => {
    await freshLab();
    vm = await installVm(lab, { ...usual, name, number: 41, install: { once: true } }, { first: 'network' });
    identity = await readIdentity();
  });

  after(async () => {
    await labDown(lab);
    await rm(reinstall, { force: true });
  });

  test('it is installed once, and then boots its disk by the script that the server sends', async () => {
    assert.deepEqual(await boots(), ['install', 'disk']);
    const marker = JSON.parse(await vm.shell('sudo -n cat /boot/efi/pxeboot-installed.json')) as object;
    assert.deepEqual(
      { ...marker, installed_at: '' },
      {
        vm: name,
        mac: vm.mac,
        distro: 'debian-12',
        reinstall_token: '',
        installed_at: '',
      },
    );
  });

  test('a server that has forgotten everything costs one more boot and no disk', async () => {
    await removeContainer(lab);
    await startContainer(lab);

    await vm.reboot();

    assert.equal(await readIdentity(), identity);
    assert.deepEqual(await boots(), ['install', 'disk']);
    assert.match(await consoleText(lab, name), /already installed: \/dev\/vda holds the system of "once" since 20/);
  });

  test('a .reinstall file makes one new installation, and no endless ones', async () => {
    await writeFile(reinstall, 'please');

    await vm.reboot();

    assert.notEqual(await readIdentity(), identity);
    assert.deepEqual((await boots()).slice(2), ['install', 'disk']);
    assert.match(await vm.shell('sudo -n cat /boot/efi/pxeboot-installed.json'), /"reinstall_token": "[0-9a-f]{32}"/);
  });

  test('firmware that tries the disk first keeps the request for the next boot from the network', async () => {
    const [before, asked] = [await readIdentity(), (await boots()).length];
    await writeFile(reinstall, 'please, once more');

    await vm.shell('sync');
    await vm.stop();
    await vm.start(startDefaults);

    assert.equal(await readIdentity(), before);
    assert.equal((await boots()).length, asked);
    await vm.shell('sync');
    await vm.stop();
    await startVm(lab, name, { ...startDefaults, first: 'network' });
    vm = await installedVm(lab, name);
    assert.notEqual(await readIdentity(), before);
    assert.deepEqual((await boots()).slice(asked), ['install', 'disk']);
  });

  test('a blank disk in its place is told on the screen and stays blank until a reinstallation is asked for', async () => {
    await vm.stop();
    await removeMachine(lab, name);
    await startVm(lab, name, { ...startDefaults, first: 'network' });

    await untilPrinted(lab, name, /once is installed \(install\.once\), but its disk does not start/);
    await assertBlankDisk(machinePaths(lab, name).disk);
    await writeFile(reinstall, 'a new disk');
    vm = await installedVm(lab, name);

    assert.notEqual(await readIdentity(), identity);
    assert.deepEqual((await boots()).slice(-2), ['install', 'disk']);
  });
});
