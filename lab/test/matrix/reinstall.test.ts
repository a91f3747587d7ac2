import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { ipv6Of, noRebootPath } from '../../src/vm-files.ts';
import { startDefaults, startVm } from '../../src/vm.ts';
import { consoleText, untilPrinted } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { ipv6Addresses, testCleanCloudInit } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

const name = 'again';
const number = 73;
const left = ['/root/of-the-old-system', '/srv/of-the-old-system', '/boot/efi/of-the-old-system'];

interface Identity {
  machineId: string;
  hostKey: string;
  rootUuid: string;
  instance: string;
}

describe(
  'an installation over an earlier one, by firmware that tries the network first',
  endToEndSuite(['radvd']),
  () => {
    let vm: InstalledVm;
    let old: Identity;
    let console: string;

    async function readIdentity(): Promise<Identity> {
      return {
        machineId: await vm.shell('cat /etc/machine-id'),
        hostKey: await vm.shell('cut -d" " -f2 /etc/ssh/ssh_host_ed25519_key.pub'),
        rootUuid: await vm.shell('findmnt -no UUID /'),
        instance: await vm.shell('sudo -n cat /var/lib/cloud/data/instance-id'),
      };
    }

    before(async () => {
      await freshLab(usual, { ipv6: true });
      vm = await installVm(lab, { ...usual, name, number, ipv6: true });
      old = await readIdentity();
      for (const path of left) await vm.shell(`sudo -n touch ${path} && sudo -n test -e ${path}`);
      await vm.shell('sync');
      await vm.stop();

      // It would be installed again at each boot.
      await writeFile(noRebootPath(lab, name), '');
      await startVm(lab, name, { ...startDefaults, first: 'network' });
      await untilPrinted(lab, name, /init: installed; staying here as asked/);
      console = await consoleText(lab, name);
      await vm.stop();
      await vm.start(startDefaults);
    });

    after(async () => {
      await labDown(lab);
      await rm(noRebootPath(lab, name), { force: true });
    });

    test('the disk that held a system was taken without a question', () => {
      assert.match(console, /disk \/dev\/vda \(10\.0 GiB, virtio\): taken/);
      assert.doesNotMatch(console, /INSTALLATION FAILED|already installed/);
    });

    test('it is another system: machine-id, host key, file system and cloud-init instance are new', async () => {
      const now = await readIdentity();

      for (const what of ['machineId', 'hostKey', 'rootUuid', 'instance'] as const) {
        assert.notEqual(now[what], '', what);
        assert.notEqual(now[what], old[what], what);
      }
    });

    test('nothing that was left in the old file systems is there', async () => {
      for (const path of left) {
        assert.equal(await vm.shell(`if sudo -n test -e ${path}; then echo there; else echo gone; fi`), 'gone');
      }
      assert.equal(await vm.shell(`sudo -n blkid --uuid ${old.rootUuid} || echo none`), 'none');
    });

    test('it has the IPv6 address of its definition, which is still leased to the system before it', async () => {
      assert.deepEqual(await ipv6Addresses(vm), [ipv6Of(number)]);
    });

    testCleanCloudInit(() => vm);
  },
);
