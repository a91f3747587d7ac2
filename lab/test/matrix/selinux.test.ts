import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { imageDirectory } from '../../src/debian-image.ts';
import { labDown } from '../../src/lab.ts';
import { gzipRootfs } from '../e2e/support/derived-images.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { testCleanCloudInit } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';
import { journalOfBareRoot } from './support/bare-boot.ts';

/** Debian's policy, but for one rule: lab/image/selinux/change.sh. */
const distro = 'debian-12-selinux';
/** What the installer writes, and what it makes again: files that the image's packages did not put there. */
const written = [
  '/etc/fstab /etc/hostname /etc/hosts /etc/machine-id /etc/cloud/cloud.cfg.d /etc/default/grub.d /etc/kernel /etc/selinux',
  '/boot /usr /var/lib/cloud/seed /var/lib/systemd /root',
].join(' ');

describe("Debian 12 with Debian's SELinux policy in enforcing mode", endToEndSuite(['losetup', 'mkfs.ext4']), () => {
  let vm: InstalledVm;
  const undo: (() => unknown)[] = [];

  before(async () => {
    await freshLab({ ...usual, distro });
    vm = await installVm(lab, { ...usual, name: 'selinux', number: 93, distro, install: { selinux: 'enforcing' } });
  });

  after(async () => {
    await labDown(lab);
    for (const work of undo) await work();
  });

  test('it enforces its policy from its first boot on, which was one', async () => {
    assert.equal(await vm.shell('cat /sys/fs/selinux/enforce'), '1');
    assert.equal(await vm.powerOns(), 2);
    assert.equal(await vm.shell('ls /.autorelabel 2>/dev/null || true'), '');
  });

  testCleanCloudInit(() => vm);

  test('who logs in has the context of a user, and no file of the system has none', async () => {
    assert.match(await vm.shell('id -Z'), /^unconfined_u:unconfined_r:unconfined_t:/);
    assert.equal(await vm.shell("sudo -n find / -xdev -context '*:unlabeled_t:*' -print"), '');
  });

  test('what the installer has written has the labels of the policy', async () => {
    assert.equal(await vm.shell(`sudo -n restorecon -n -v -R ${written}`), '');
  });

  test('nothing is denied to it that is not denied to the same system without the installer', async () => {
    const directory = imageDirectory(lab, distro, usual.arch);
    const files = await readdir(directory);
    const named = (prefix: string): string => join(directory, files.find((name) => name.startsWith(prefix)) ?? prefix);
    const image = {
      rootfs: join(directory, gzipRootfs),
      kernel: named('vmlinuz-'),
      initramfs: named('initrd.img-'),
    };
    const installed = denials(await vm.shell('sudo -n journalctl --boot --output=cat'));
    const bare = denials(await journalOfBareRoot({ after: (work) => void undo.push(work as () => unknown) }, image));

    assert.ok(bare.size > 0, "Debian's policy denies its own system something");
    assert.deepEqual([...installed].filter((denial) => !bare.has(denial)).sort(), []);
  });
});

/** Who was denied what, without processes and files. */
function denials(journal: string): Set<string> {
  const line =
    /avc: +denied +(\{[^}]*\}).* comm="([^"]*)".* scontext=\S*:(\w+_t):\S* tcontext=\S*:(\w+_t):\S* tclass=(\w+) permissive=0/g;
  return new Set([...journal.matchAll(line)].map((match) => match.slice(1).join(' ')));
}
