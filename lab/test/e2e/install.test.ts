import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { run } from '@pxeboot/config/run';

import { containerLogs } from '../../src/container.ts';
import { buildImage, imageDirectory } from '../../src/debian-image.ts';
import { labDown, labReset, labUp } from '../../src/lab.ts';
import { startDefaults } from '../../src/vm.ts';
import { saveDefinition } from '../../src/vm-files.ts';
import { lab } from './support/lab.ts';
import { endToEndSuite } from './support/requirements.ts';
import type { InstalledVm } from './support/installed-vm.ts';
import { installVm } from './support/installed-vm.ts';

describe('Debian 12, installed over the network into a blank disk', endToEndSuite(), () => {
  let vm: InstalledVm;

  before(async () => {
    await labReset(lab);
    await buildImage(lab, 'debian-12', 'x86_64');
    await labUp(lab);
    vm = await installVm(lab, 'e2e-one', 20);
  });

  after(async () => {
    await labDown(lab);
  });

  test('cloud-init is done and reports no error', async () => {
    assert.match(await vm.shell('cloud-init status --wait'), /status: done/);
    const result = await vm.shell('cat /run/cloud-init/result.json');
    assert.match(result, /"errors": \[\]/);
    assert.match(result, /NoCloud/);
  });

  test('the host name is that of the definition', async () => {
    assert.equal(await vm.shell('hostname'), 'e2e-one');
  });

  test('user ubuntu logs in by key, has sudo and no password', async () => {
    assert.equal(await vm.shell('id -un; sudo -n id -un'), 'ubuntu\nroot');
    assert.match(await vm.shell('sudo -n passwd -S ubuntu'), /^ubuntu L/);
  });

  test('no one logs in by password', async () => {
    const settings = await vm.shell('sudo -n /usr/sbin/sshd -T');
    assert.match(settings, /^passwordauthentication no$/m);
    const shadow = await vm.shell('sudo -n cut -d: -f1,2 /etc/shadow');
    assert.doesNotMatch(shadow, /:\$/, 'some account has a password');
  });

  test('ping keeps its file capability', async () => {
    assert.match(await vm.shell('/usr/sbin/getcap /usr/bin/ping'), /cap_net_raw[=+]ep/);
  });

  test('machine-id and host keys are not those of the root file system tarball', async () => {
    const tarball = `${imageDirectory(lab, 'debian-12', 'x86_64')}/rootfs.tar.gz`;
    const packed = async (path: string): Promise<string> => {
      const { stdout } = await run('tar', ['-xzOf', tarball, path], { timeoutMs: 60_000 }).catch(() => ({
        stdout: '',
      }));
      return stdout.trim();
    };
    const machineId = await vm.shell('cat /etc/machine-id');
    assert.match(machineId, /^[0-9a-f]{32}$/);
    assert.notEqual(machineId, await packed('./etc/machine-id'));
    const hostKey = await vm.shell('cut -d" " -f1,2 /etc/ssh/ssh_host_ed25519_key.pub');
    assert.match(hostKey, /^ssh-ed25519 /);
    assert.ok(!(await packed('./etc/ssh/ssh_host_ed25519_key.pub')).startsWith(hostKey));
  });

  test('fstab names root and ESP by UUID, and both are mounted from there', async () => {
    const fstab = await vm.shell('grep -v "^#" /etc/fstab');
    const uuid = async (directory: string): Promise<string> => vm.shell(`findmnt -no UUID ${directory}`);
    assert.ok(fstab.includes(`UUID=${await uuid('/')}`));
    assert.ok(fstab.includes(`UUID=${await uuid('/boot/efi')}`));
  });

  test('the removable-media loader is on the ESP', async () => {
    await vm.shell('sudo -n test -s /boot/efi/EFI/BOOT/BOOTX64.EFI');
  });

  test('firmware, initrd and system were given the same address, that of the definition', async () => {
    const grants = (await containerLogs(lab)).matchAll(/DHCPACK\([^)]*\) ([\d.]+) ([\da-f:]{17})/g);
    const acks = [...grants].flatMap(([, ip, mac]) => (mac === vm.mac ? [ip] : []));
    assert.ok(acks.length >= 3, `only ${acks.length} leases were granted`);
    assert.deepEqual([...new Set(acks)], [vm.ip]);
    assert.match(await vm.shell('ip -4 -o address show scope global'), new RegExp(`inet ${vm.ip}/24`));
  });

  test('a reboot stays on the disk and keeps identity and host keys', async () => {
    const identity = 'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub';
    const before = { identity: await vm.shell(identity), networkBoots: await vm.networkBoots() };
    await vm.reboot();
    assert.deepEqual({ identity: await vm.shell(identity), networkBoots: await vm.networkBoots() }, before);
  });

  test('firmware with a blank NVRAM starts it from the removable-media loader', async () => {
    const before = await vm.networkBoots();
    await vm.startWithBlankFirmware();
    assert.equal(await vm.networkBoots(), before);
  });

  test('with "pxeboot": false the network boots the distribution\'s own kernel and initrd with its disk', async () => {
    await vm.stop();
    await saveDefinition(lab, { name: vm.name, number: 20, arch: 'x86_64', distro: 'debian-12', pxeboot: false });
    await vm.start({ ...startDefaults, first: 'network' });

    assert.match(await vm.shell('cat /proc/cmdline'), /\broot=LABEL=cloudimg-rootfs ro console=ttyS0,115200/);
    assert.equal(await vm.shell('findmnt -no LABEL /'), 'cloudimg-rootfs');
    assert.equal(await vm.shell('hostname'), 'e2e-one');
  });

  test('a second VM from the same image has a machine-id and host keys of its own', async () => {
    const identity = 'cat /etc/machine-id; cut -d" " -f2 /etc/ssh/ssh_host_*_key.pub';
    const first = (await vm.shell(identity)).split('\n');
    await vm.stop();
    const other = await installVm(lab, 'e2e-two', 21);
    const second = (await other.shell(identity)).split('\n');
    assert.equal(await other.shell('hostname'), 'e2e-two');
    assert.equal(first.length, second.length);
    assert.deepEqual(
      first.filter((line) => second.includes(line)),
      [],
    );
  });
});
