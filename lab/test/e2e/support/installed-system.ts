import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { InstalledVm } from './installed-vm.ts';

/** What holds for an installed Debian of any release and architecture. */
export function testInstalledSystem(vm: () => InstalledVm, expected: { machine: string; loader: string }): void {
  test('cloud-init is done and reports no error', async () => {
    // Debian 13's ends with 2 when it is done but has warned.
    assert.match(await vm().shell('cloud-init status --wait || [ $? = 2 ]'), /status: done/);
    assert.match(await vm().shell('cat /run/cloud-init/result.json'), /"errors": \[\]/);
  });

  test('host name, user and architecture are those of the definition', async () => {
    assert.equal(await vm().shell('hostname; id -un; uname -m'), `${vm().name}\nubuntu\n${expected.machine}`);
  });

  test('its address is that of the definition', async () => {
    assert.match(await vm().shell('ip -4 -o address show scope global'), new RegExp(`inet ${vm().ip}/24`));
  });

  test('no one logs in by password', async () => {
    assert.match(await vm().shell('sudo -n /usr/sbin/sshd -T'), /^passwordauthentication no$/m);
    assert.doesNotMatch(await vm().shell('sudo -n cut -d: -f1,2 /etc/shadow'), /:\$/);
  });

  test('a user may ping', async () => {
    assert.match(await vm().shell('ping -c 1 -W 5 192.168.105.1'), / 1 received/);
  });

  test('machine-id and host keys are its own', async () => {
    assert.match(await vm().shell('cat /etc/machine-id'), /^[0-9a-f]{32}$/);
    assert.match(await vm().shell('cat /etc/ssh/ssh_host_ed25519_key.pub'), /^ssh-ed25519 /);
  });

  test('root and ESP are mounted by UUID', async () => {
    const fstab = await vm().shell('grep -v "^#" /etc/fstab');
    for (const directory of ['/', '/boot/efi']) {
      assert.ok(fstab.includes(`UUID=${await vm().shell(`findmnt -no UUID ${directory}`)}`), directory);
    }
  });

  test('the removable-media loader of its architecture is on the ESP', async () => {
    await vm().shell(`sudo -n test -s /boot/efi/EFI/BOOT/${expected.loader}`);
    await vm().shell('sudo -n test ! -e /boot/efi/pxeboot-unfinished');
  });

  test('a reboot stays on the disk', async () => {
    const before = await vm().networkBoots();
    await vm().reboot();
    assert.equal(await vm().networkBoots(), before);
  });
}
