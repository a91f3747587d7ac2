import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Arch } from '@pxeboot/config/contract/architecture';
import { architectures } from '@pxeboot/config/contract/architecture';
import { run } from '@pxeboot/config/host/run';

import { containerLogs } from '../../../src/container.ts';
import { imageDirectory } from '../../../src/debian-image.ts';
import { provisionerIp } from '../../../src/decide/settings.ts';
import type { InstalledVm } from './installed-vm.ts';
import { lab } from './test-lab.ts';

/** Files that no two machines may share, a reboot keeps, and no image may hold. */
const identityFiles = ['etc/machine-id', 'etc/ssh/ssh_host_ed25519_key.pub', 'etc/ssh/ssh_host_rsa_key.pub'];
const unpackTimeoutMs = 60_000;

/** A VM's machine-id and its SSH host keys, without what follows them. */
export async function identityOf(vm: InstalledVm): Promise<string[]> {
  return (await vm.shell(`cd /; cat ${identityFiles.join(' ')} | cut -d' ' -f1,2`)).split('\n');
}

/** What holds for an installed Debian of any release and architecture. */
export function testInstalledSystem(
  vm: () => InstalledVm,
  expected: { distro: string; arch: Arch; loader: string },
): void {
  test('cloud-init is done, reports no error, and has its documents from the disk', async () => {
    // Debian 13's ends with 2 when it is done but has warned.
    assert.match(await vm().shell('cloud-init status --wait || [ $? = 2 ]'), /status: done/);
    const result = await vm().shell('cat /run/cloud-init/result.json');
    assert.match(result, /"errors": \[\]/);
    assert.match(result, /NoCloud/);
  });

  test('no other source of those documents is tried, whatever the image lists in cloud.cfg.d', async () => {
    // What is found is the same with the package's list: only the log of ds-identify tells what was looked for.
    const lists = await vm().shell("sudo -n grep '^DSLIST=' /run/cloud-init/ds-identify.log | sort -u");
    assert.equal(lists, 'DSLIST=NoCloud None');
    assert.equal(
      await vm().shell('sudo -n grep ^datasource_list: /run/cloud-init/cloud.cfg'),
      'datasource_list: [ NoCloud, None ]',
    );
  });

  test('host name, user and architecture are those of the definition', async () => {
    assert.equal(await vm().shell('hostname; id -un; uname -m'), `${vm().name}\nubuntu\n${expected.arch}`);
  });

  test('firmware, initrd and system were given the same address, that of the definition', async () => {
    const grants = (await containerLogs(lab)).matchAll(/DHCPACK\([^)]*\) ([\d.]+) ([\da-f:]{17})/g);
    const acks = [...grants].flatMap(([, ip, mac]) => (mac === vm().mac ? [ip] : []));
    assert.ok(acks.length >= 3, `only ${acks.length} leases were granted`);
    assert.deepEqual([...new Set(acks)], [vm().ip]);
    assert.match(await vm().shell('ip -4 -o address show scope global'), new RegExp(`inet ${vm().ip}/24`));
  });

  test('user ubuntu logs in by key, has sudo and no password', async () => {
    assert.equal(await vm().shell('sudo -n id -un'), 'root');
    assert.match(await vm().shell('sudo -n passwd -S ubuntu'), /^ubuntu L/);
  });

  test('no one logs in by password', async () => {
    assert.match(await vm().shell('sudo -n /usr/sbin/sshd -T'), /^passwordauthentication no$/m);
    const shadow = await vm().shell('sudo -n cut -d: -f1,2 /etc/shadow');
    assert.doesNotMatch(shadow, /:\$/, 'some account has a password');
  });

  test('a user may ping', async () => {
    assert.match(await vm().shell(`ping -c 1 -W 5 ${provisionerIp}`), / 1 received/);
  });

  test('machine-id and host keys are its own, not those of the root file system tarball', async () => {
    const own = await identityOf(vm());
    assert.equal(own.length, identityFiles.length);
    assert.match(own[0] ?? '', /^[0-9a-f]{32}$/);
    for (const key of own.slice(1)) assert.match(key, /^ssh-\S+ AAAA/);
    const tarball = join(imageDirectory(lab, expected.distro, expected.arch), 'rootfs.tar.gz');
    const packed = await Promise.all(identityFiles.map((path) => textIn(tarball, `./${path}`)));
    assert.ok(!own.some((line) => packed.some((text) => text.includes(line))));
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

  test('a reboot stays on the disk and keeps identity and host keys', async () => {
    const before = { identity: await identityOf(vm()), networkBoots: await vm().networkBoots() };
    await vm().reboot();
    assert.deepEqual({ identity: await identityOf(vm()), networkBoots: await vm().networkBoots() }, before);
  });

  test('firmware with a blank NVRAM starts it from the removable-media loader in one go', async () => {
    const before = { networkBoots: await vm().networkBoots(), powerOns: await vm().powerOns() };
    await vm().startWithBlankFirmware();
    // shim's fallback program makes a boot entry and restarts the machine first.
    const now = { networkBoots: await vm().networkBoots(), powerOns: await vm().powerOns() };
    assert.deepEqual(now, { ...before, powerOns: before.powerOns + 1 });
  });
}

/** Debian 12's ping; Debian 13's needs no capability. */
export function testPingCapability(vm: () => InstalledVm): void {
  test('ping keeps its file capability', async () => {
    assert.match(await vm().shell('/usr/sbin/getcap /usr/bin/ping'), /cap_net_raw[=+]ep/);
  });
}

/** What cloud-init itself says of its work. */
export function testCleanCloudInit(vm: () => InstalledVm): void {
  test('cloud-init is done and reports no error', async () => {
    assert.match(await vm().shell('cat /run/cloud-init/result.json'), /"errors": \[\]/);
  });
}

/** How the firmware of a machine that was started with UEFI HTTP boot got iPXE. */
export function testIpxeOverHttp(arch: Arch): void {
  test('its firmware took iPXE over HTTP, not by TFTP', async () => {
    const log = await containerLogs(lab);
    const file = architectures[arch].ipxe.replaceAll('.', String.raw`\.`);

    assert.match(log, new RegExp(`nginx GET "/boot/${file}" .*status=200`));
    assert.doesNotMatch(log, new RegExp(String.raw`sent \S*${file}`));
  });
}

/** The machine has no more memory than this. */
export async function assertMemory(vm: InstalledVm, mostMiB: number): Promise<void> {
  const kib = Number(await vm.shell("awk '/^MemTotal/ { print $2 }' /proc/meminfo"));
  assert.ok(kib > 0 && kib < mostMiB * 1024, `${kib} KiB`);
}

/** The VM's IPv6 addresses but those of links. */
export async function ipv6Addresses(vm: InstalledVm): Promise<(string | undefined)[]> {
  const addresses = await vm.shell('ip -6 -o address show scope global');
  return addresses.split('\n').map((line) => / inet6 (\S+)\//.exec(line)?.[1]);
}

/** What a tarball holds under a path; empty when there is nothing. */
async function textIn(tarball: string, path: string): Promise<string> {
  const unpacked = await run('tar', ['-xzOf', tarball, path], { timeoutMs: unpackTimeoutMs }).catch(() => undefined);
  return unpacked?.stdout.trim() ?? '';
}
