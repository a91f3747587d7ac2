import assert from 'node:assert/strict';
import { test } from 'node:test';

import { planInstallation } from '../../src/plan.ts';
import { kernelRelease } from '../../src/plan/decide.ts';
import { partitionPath, requiredBytes } from '../../src/plan/disk-layout.ts';
import { describePlan } from '../../src/report/describe-plan.ts';
import type { StepKind, StepOf } from '../../src/steps/index.ts';
import { stepLines } from '../../src/steps/index.ts';
import { config, disk, gib, input, plan, stepIn } from './sample-machine.ts';

function stepOf<Kind extends StepKind>(kind: Kind, given: Parameters<typeof plan>[0] = {}): StepOf<Kind> {
  return stepIn(plan(given).steps, kind);
}

test('the plan for one virtio disk, for people', () => {
  assert.equal(
    describePlan(plan()),
    `disk /dev/vda (10.0 GiB, virtio): taken
images are not checked: there is no SHA256SUMS beside them
rootfs.tar.gz does not say what it unpacks to; 3.5 times its 191 MiB are reckoned with
[1/16] partition /dev/vda (GPT: ESP and root)  (destroys all data on /dev/vda)
[2/16] format /dev/vda1 as FAT32  (destroys all data on /dev/vda1)
[3/16] format /dev/vda2 as ext4  (destroys all data on /dev/vda2)
[4/16] mount /dev/vda2
[5/16] unpack http://10.0.0.1/images/debian-12/x86_64/rootfs.tar.gz
[6/16] install kernel 6.1.0-56-cloud-amd64
[7/16] write the cloud-init seed
[8/16] write fstab, host name and a blank identity
[9/16] mount /dev/vda1 and the kernel's file systems
[10/16] generate the initramfs unless there is a whole one with the drivers of /dev/vda
[11/16] install GRUB
[12/16] check the installed system
[13/16] label all files if the system has SELinux
[14/16] write the marker of this installation to the ESP
[15/16] write everything out and unmount
[16/16] mark /dev/vda as installed
`,
  );
});

test('no command tells what is in the seed', () => {
  const planned = input();
  const seed = [{ name: 'user-data', content: 'password: hunter2' }];
  const { steps } = planInstallation({ ...planned, sources: { ...planned.sources, seed } });

  assert.doesNotMatch(steps.flatMap((step) => stepLines(step)).join('\n'), /hunter2/);
});

test('the root partition is called "installing" until the last step', () => {
  const { script } = stepOf('partition');

  assert.match(script, /type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, name="installing"/);
  assert.equal(plan().steps.at(-1)?.kind, 'mark-installed');
});

test('nothing is put where firmware looks before the system is complete and unmounted', () => {
  const kinds = plan().steps.map(({ kind }) => kind);

  assert.deepEqual(kinds.slice(kinds.indexOf('boot-loader') + 1), [
    'verify',
    'label',
    'write-marker',
    'unmount',
    'mark-installed',
  ]);
  const shown = plan().steps.filter((step) => /\/EFI\b/.test(stepLines(step).join('\n')));
  assert.deepEqual(
    shown.map(({ kind }) => kind),
    ['mark-installed'],
  );
});

test('every step that erases says what, and lies on the chosen disk', () => {
  const steps = plan({ disks: [disk('nvme0n1')] }).steps;
  const destroyed = steps.flatMap((step) => ('destroys' in step ? [step.destroys] : []));

  assert.deepEqual(destroyed, ['/dev/nvme0n1', '/dev/nvme0n1p1', '/dev/nvme0n1p2']);
});

for (const [packing, programs] of [
  ['gzip', 'gzip -d -c | tar'],
  ['zstd', 'zstd -d -c | tar'],
  ['xz', 'xz -d -c --threads=1 | tar'],
  ['bzip2', 'bzip2 -d -c | tar'],
  ['tar', 'tar'],
] as const) {
  test(`what is packed with ${packing} is unpacked by its program, whatever the file is called, and the plan shows it`, () => {
    const planned = input();
    const step = stepIn(planInstallation({ ...planned, sources: { ...planned.sources, packing } }).steps, 'unpack');

    const line = stepLines(step).join();
    assert.ok(line.startsWith(`fetch ${config.rootfs_url} | ${programs} -x -p --numeric-owner`), line);
  });
}

test('fstab names both file systems by their new identifiers', () => {
  assert.equal(
    stepOf('write-system').fstab,
    `# Written by the installer. See fstab(5).
UUID=0e2d9d0c-1111-4222-8333-444455556666 / ext4 errors=remount-ro 0 1
UUID=ABCD-1234 /boot/efi vfat umask=0077 0 1
`,
  );
});

function grubDefaultsOf(given: Parameters<typeof plan>[0]): string {
  return stepOf('write-system', given).bootSettings.find(({ path }) => path.startsWith('etc/default/grub'))?.text ?? '';
}

test('console and kernel arguments reach the boot loader and the settings of update-grub', () => {
  const given = { config: { kernel_args: ['quiet', 'nosmt'] } };

  assert.deepEqual(stepOf('boot-loader', given).kernelArgs, ['console=ttyS0,115200', 'quiet', 'nosmt']);
  assert.match(grubDefaultsOf(given), /^GRUB_CMDLINE_LINUX='console=ttyS0,115200 quiet nosmt'$/m);
});

for (const [selinux, ...words] of [
  ['image'],
  ['enforcing', 'security=selinux', 'enforcing=1'],
  ['permissive', 'security=selinux', 'enforcing=0'],
  ['disabled', 'selinux=0'],
] as const) {
  test(`install.selinux "${selinux}" gives the kernel ${words.join(' ') || 'nothing'}, and labels files unless it is disabled`, () => {
    const given = { config: { selinux } };
    const expected = ['console=ttyS0,115200', ...words];

    assert.deepEqual(stepOf('boot-loader', given).kernelArgs, expected);
    assert.deepEqual(stepOf('label', given).kernelArgs, expected);
  });
}

test('arguments for the installer alone do not reach the installed system', () => {
  const given = {
    config: { kernel_args: ['ip=10.0.0.5:::255.255.255.0', 'quiet', 'initrd.mode=shell', 'ipv6.disable=1'] },
  };

  assert.deepEqual(stepOf('boot-loader', given).kernelArgs, ['console=ttyS0,115200', 'quiet', 'ipv6.disable=1']);
  assert.match(grubDefaultsOf(given), /^GRUB_CMDLINE_LINUX='console=ttyS0,115200 quiet ipv6\.disable=1'$/m);
});

test('an arm64 machine gets its own loader', () => {
  const lines = stepLines(stepOf('boot-loader', { config: { arch: 'aarch64' } })).join('\n');

  assert.match(lines, /--target arm64-efi/);
  assert.equal(stepOf('verify', { config: { arch: 'aarch64' } }).removableLoader, 'BOOTAA64.EFI');
});

test('a setting forces a new initramfs; without it a good one is kept', () => {
  assert.equal(stepOf('initramfs').when, 'if-needed');
  assert.match(
    stepLines(stepOf('initramfs')).join('\n'),
    /^\(if there is one that is damaged or lacks drivers of \/dev\/vda\) chroot \/mnt\/target update-initramfs -u/m,
  );
  assert.equal(stepOf('initramfs', { config: { initramfs: 'generate' } }).when, 'always');
});

test('partitions of a disk whose name ends in a digit have a p in their names', () => {
  assert.deepEqual([partitionPath('/dev/vda', 2), partitionPath('/dev/nvme0n1', 2)], ['/dev/vda2', '/dev/nvme0n1p2']);
});

test('the kernel release comes from the file name, else from the running kernel', () => {
  assert.equal(kernelRelease('http://h/a/vmlinuz-6.8.0-87-generic', '1.2.3'), '6.8.0-87-generic');
  assert.equal(kernelRelease('http://h/a/vmlinuz', '1.2.3'), '1.2.3');
  assert.equal(kernelRelease('http://h/a/vmlinuz-lts', '1.2.3-0-lts'), '1.2.3-0-lts');
  assert.equal(kernelRelease('http://h/a/vmlinux-latest', '1.2.3'), '1.2.3');
});

test('the unpacked size decides how large the disk must be; unknown, it is reckoned from the packed one', () => {
  const mib = 2 ** 20;

  assert.equal(requiredBytes({ packing: 'gzip', rootfsBytes: 0 }), 1836 * mib);
  assert.equal(requiredBytes({ packing: 'gzip', rootfsBytes: 1024 * mib }), (300 + 3584) * mib);
  assert.equal(requiredBytes({ packing: 'bzip2', rootfsBytes: 1024 * mib }), (300 + 4608) * mib);
  assert.equal(
    requiredBytes({ packing: 'gzip', rootfsBytes: 1024 * mib, unpackedBytes: 2000 * mib }),
    (300 + 2400) * mib,
  );
  assert.equal(requiredBytes({ packing: 'gzip', rootfsBytes: 1, unpackedBytes: 1 }), 1836 * mib);
});

test('a disk smaller than what is to be unpacked is refused', () => {
  const planned = input({ disks: [disk('vda', { sizeBytes: 5 * gib })] });

  assert.throws(
    () => planInstallation({ ...planned, sources: { ...planned.sources, unpackedBytes: 4.5 * gib } }),
    /^InputError: choose a disk: \/dev\/vda \(5\.0 GiB, virtio\): it is too small, 5\.7 GiB are needed/,
  );
  planInstallation({ ...planned, sources: { ...planned.sources, unpackedBytes: 3.5 * gib } });
});

test('sums of SHA256SUMS go with the steps that fetch those files, and what is not listed is said', () => {
  const planned = input();
  const checksums = new Map([
    ['rootfs.tar.gz', 'a'.repeat(64)],
    ['vmlinuz-6.1.0-56-cloud-amd64', 'b'.repeat(64)],
  ]);

  const { steps, notes } = planInstallation({ ...planned, sources: { ...planned.sources, checksums } });

  const sums = steps.flatMap((step) => ('sha256' in step ? [[step.kind, step.sha256]] : []));
  assert.deepEqual(sums, [
    ['unpack', 'a'.repeat(64)],
    ['install-kernel', 'b'.repeat(64)],
  ]);
  assert.ok(!steps.some((step) => 'modules' in step));
  assert.deepEqual(notes, [
    'rootfs.tar.gz is checked against SHA256SUMS',
    'vmlinuz-6.1.0-56-cloud-amd64 is checked against SHA256SUMS when it is copied: if the root file system lacks the kernel',
    'modules.cpio.gz is not checked: it is not in SHA256SUMS',
    'rootfs.tar.gz does not say what it unpacks to; 3.5 times its 191 MiB are reckoned with',
  ]);
});

test('modules that are listed are said to be checked when they are copied', () => {
  const planned = input();
  const checksums = new Map([['modules.cpio.gz', 'c'.repeat(64)]]);

  const { notes } = planInstallation({ ...planned, sources: { ...planned.sources, checksums } });

  assert.ok(
    notes.includes(
      'modules.cpio.gz is checked against SHA256SUMS when it is copied: if the root file system lacks the modules',
    ),
    notes.join('\n'),
  );
});

test('a file from another directory than the list is not checked by it', () => {
  const planned = input({ config: { kernel_url: 'http://10.0.0.1/elsewhere/vmlinuz-6.1.0-56-cloud-amd64' } });
  const checksums = new Map([['vmlinuz-6.1.0-56-cloud-amd64', 'b'.repeat(64)]]);

  const { steps } = planInstallation({ ...planned, sources: { ...planned.sources, checksums } });

  assert.ok(!steps.some((step) => 'sha256' in step));
});
