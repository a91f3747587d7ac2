import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { inspectImage } from '../../../inspect/inspect-image.ts';
import { lookAtImage } from '../../../inspect/look-at-images.ts';
import { describeError } from '../../../kit/errors.ts';
import { inspectSuite, inspect, known, madeImages, problems } from '../../support/inspect-made-image.ts';
import { changed, cpioOf, debianRoot, fedoraRoot, makeImage, tarOf } from '../../support/root-archive.ts';

/** The beginning of a kernel for x86 (Linux, Documentation/arch/x86/boot.rst). */
function x86Kernel(release: string): Buffer {
  const bytes = Buffer.alloc(4096);
  bytes.write('HdrS', 0x202, 'latin1');
  bytes.writeUInt16LE(0x600, 0x20e);
  bytes.write(`${release} (builder@host) #1 SMP\0`, 0x800, 'latin1');
  return bytes;
}

describe('inspecting an image directory', inspectSuite, () => {
  test('a root file system of the Debian family: all facts, no fault, no warning', async () => {
    const { facts, ...verdict } = await inspect();

    assert.deepEqual(verdict, { faults: [], warnings: [], kernelsWithoutModules: [] });
    assert.ok(facts !== undefined);
    assert.ok(facts.packedBytes > 100 && facts.durationMs >= 0);
    assert.deepEqual(
      { ...facts, packedBytes: 0, durationMs: 0 },
      {
        rootfs: 'rootfs.tar.gz',
        packing: 'gzip',
        packedBytes: 0,
        unpackedBytes: debianRoot.reduce((sum, { content = '' }) => sum + content.length, 0),
        files: debianRoot.length,
        osRelease: { id: 'debian', idLike: [], prettyName: 'Debian GNU/Linux 12 (bookworm)', versionId: '12' },
        family: 'debian',
        architecture: 'x86_64',
        init: '/usr/lib/systemd/systemd',
        root: { mode: '0755', uid: 0, gid: 0 },
        kernels: [
          {
            release: '6.1.0-9-amd64',
            kernel: '/boot/vmlinuz-6.1.0-9-amd64',
            initramfs: '/boot/initrd.img-6.1.0-9-amd64',
            modules: 1,
            index: true,
          },
        ],
        initramfsProgram: '/usr/sbin/update-initramfs',
        bootLoader: {
          installer: '/usr/sbin/grub-install',
          modules: '/usr/lib/grub/x86_64-efi',
          shims: [],
          grubs: [],
          espFiles: [],
        },
        cloudInit: true,
        escapes: [],
        bootKernels: [{ file: 'vmlinuz-6.1.0-9-amd64', release: '6.1.0-9-amd64' }],
        modulesArchive: [{ release: '6.1.0-9-amd64', modules: 1, index: true }],
        durationMs: 0,
      },
    );
  });

  test('one of the Fedora family: dracut, SELinux, the signed chain on its ESP', async () => {
    const inspection = await inspect({ 'rootfs.tar.gz': gzipSync(tarOf(fedoraRoot)) });

    assert.deepEqual([inspection.faults, inspection.warnings], [[], []]);
    const { family, kernels, initramfsProgram, bootLoader, selinux, init } = known(inspection);
    assert.deepEqual([family, initramfsProgram, init], ['fedora', '/usr/bin/dracut', '/usr/lib/systemd/systemd']);
    assert.deepEqual(selinux, { mode: 'enforcing', setfiles: true });
    assert.deepEqual(kernels, [
      {
        release: '6.8.5-301.fc40.x86_64',
        kernel: '/boot/vmlinuz-6.8.5-301.fc40.x86_64',
        initramfs: '/boot/initramfs-6.8.5-301.fc40.x86_64.img',
        modules: 1,
        index: true,
      },
    ]);
    const [shim, grub] = ['/boot/efi/EFI/fedora/shimx64.efi', '/boot/efi/EFI/fedora/grubx64.efi'];
    assert.deepEqual(bootLoader, {
      ...{ installer: '/usr/sbin/grub2-install', shims: [shim], grubs: [grub], espFiles: [grub, shim] },
    });
    assert.deepEqual(inspection.kernelsWithoutModules, []);
  });

  test('a kernel of the root that need not boot is warned of, and one of the directory that boots no installer is named', async () => {
    const entries = [...debianRoot, { path: './boot/vmlinuz-6.9.0', content: 'kernel' }];
    const inspection = await inspect({
      ...{ 'rootfs.tar.gz': gzipSync(tarOf(entries)), 'vmlinuz-7.0.0': 'kernel', 'vmlinuz-8.part': 'kernel' },
    });

    assert.deepEqual(problems(inspection), []);
    assert.deepEqual(
      inspection.warnings.map(({ level, problem }) => `${level} ${problem}`),
      [
        'warning images/d/x86_64: kernel 6.9.0 of rootfs.tar.gz has no modules with an index (modules.dep), neither there nor in modules.cpio.gz; there are those of 6.1.0-9-amd64',
      ],
    );
    assert.deepEqual(inspection.kernelsWithoutModules, ['vmlinuz-7.0.0']);
  });

  test('modules without an index are of no use to the installer, unless modules.cpio.gz has a directory of that release', async () => {
    const rootfs = gzipSync(tarOf(changed(debianRoot, /modules\.dep$/)));
    const lacking = async (files: Record<string, string>) =>
      (await inspect({ 'rootfs.tar.gz': rootfs, 'modules.cpio.gz': gzipSync(cpioOf(files)) })).kernelsWithoutModules;

    assert.deepEqual(await lacking({ 'lib/modules/7.0.0/modules.dep': 'kernel/a.ko:\n' }), ['vmlinuz-6.1.0-9-amd64']);
    assert.deepEqual(await lacking({ 'lib/modules/6.1.0-9-amd64/kernel/a.ko': 'm' }), []);
    assert.deepEqual(await lacking({ 'lib/modules/6.1.0-9-amd64': '' }), []);
  });

  test('a kernel with all drivers built in has an index and no modules, and one may have its index as a link', async () => {
    const bare = changed(debianRoot, /usr\/lib\/modules/);
    const directory = './usr/lib/modules/6.1.0-9-amd64';
    for (const index of [
      [
        { path: `${directory}/modules.dep`, content: '' },
        { path: `${directory}/modules.dep.bin`, content: 'index' },
      ],
      [{ path: `${directory}/modules.dep`, hardlink: './usr/lib/os-release' }],
      [{ path: `${directory}/modules.dep`, symlink: '/srv/modules.dep' }],
    ]) {
      const inspection = await inspect({
        'rootfs.tar.gz': gzipSync(tarOf([...bare, ...index])),
        'modules.cpio.gz': gzipSync(cpioOf({})),
      });
      assert.deepEqual([inspection.faults, inspection.warnings, inspection.kernelsWithoutModules], [[], [], []]);
      assert.deepEqual(
        known(inspection).kernels.map(({ modules, index: has }) => [modules, has]),
        [[0, true]],
      );
    }
  });

  test("RHEL's and Fedora's rescue kernels are no kernels of the system", async () => {
    const id = '0123456789abcdef0123456789abcdef';
    const rescue = [
      { path: `./boot/vmlinuz-0-rescue-${id}`, content: 'kernel', mode: 0o755 },
      { path: `./boot/initramfs-0-rescue-${id}.img`, content: 'initramfs' },
      { path: `./boot/${id}/0-rescue/linux`, content: 'kernel' },
      { path: `./boot/${id}/0-rescue/initrd`, content: 'initramfs' },
    ];
    const inspection = await inspect({ 'rootfs.tar.gz': gzipSync(tarOf([...fedoraRoot, ...rescue])) });

    assert.deepEqual([inspection.faults, inspection.warnings], [[], []]);
    assert.deepEqual(
      known(inspection).kernels.map(({ release }) => release),
      ['6.8.5-301.fc40.x86_64'],
    );
  });

  test('a kernel whose file name says another release than its header is named with both', async () => {
    const inspection = await inspect({
      'vmlinuz-24.04': x86Kernel('6.1.0-9-amd64'),
      'vmlinuz-7.0.0': x86Kernel('7.0.0'),
      'vmlinuz-8': x86Kernel('8.1.0'),
      'vmlinuz-lts': x86Kernel('6.1.0-9-amd64'),
    });

    assert.deepEqual(inspection.kernelsWithoutModules.toSorted(), ['vmlinuz-24.04', 'vmlinuz-7.0.0', 'vmlinuz-8']);
    assert.deepEqual(inspection.misnamedKernels, { 'vmlinuz-24.04': '6.1.0-9-amd64' });
    assert.deepEqual(
      Object.fromEntries(
        known(inspection).bootKernels.map(({ file, release, ownRelease }) => [file, [release, ownRelease]]),
      ),
      {
        'vmlinuz-24.04': ['24.04', '6.1.0-9-amd64'],
        'vmlinuz-8': ['8', '8.1.0'],
        'vmlinuz-7.0.0': ['7.0.0', undefined],
        'vmlinuz-lts': ['6.1.0-9-amd64', undefined],
        'vmlinuz-6.1.0-9-amd64': ['6.1.0-9-amd64', undefined],
      },
    );
  });

  test('a kernel whose modules only modules.cpio.gz has is sound, whatever that is packed with', async () => {
    const entries = changed(debianRoot, /modules/);
    const cpio = cpioOf({ './lib/modules/6.1.0-9-amd64/kernel/a.ko.zst': 'm', 'lib/modules/7.0.0/b.ko.xz': 'm' });
    for (const modules of [cpio, gzipSync(cpio), gzipSync(Buffer.concat([cpio, Buffer.alloc(512), cpio]))]) {
      const inspection = await inspect({ 'rootfs.tar.gz': gzipSync(tarOf(entries)), 'modules.cpio.gz': modules });
      assert.deepEqual(problems(inspection), []);
      assert.deepEqual(
        known(inspection).modulesArchive?.map(({ release }) => release),
        ['7.0.0', '6.1.0-9-amd64'],
      );
    }
    const broken = await inspect({ 'rootfs.tar.gz': gzipSync(tarOf(entries)), 'modules.cpio.gz': 'broken' });
    assert.deepEqual([broken.faults, known(broken).modulesArchive], [[], null]);
  });

  test('no GRUB, no cloud-init, no program for the initramfs and another mode of "./" are warnings', async () => {
    const bare = changed(debianRoot, /grub|cloud-init|update-initramfs|^\.\/$/, { path: './', mode: 0o700, uid: 1000 });
    const inspection = await inspect({ 'rootfs.tar.gz': gzipSync(tarOf(bare)) });

    assert.deepEqual(inspection.faults, []);
    assert.deepEqual(
      inspection.warnings.map(({ level, problem }) => `${level} ${problem.replace(/^\S+ /, '')}`),
      [
        'note has no GRUB, so the installer puts its own there, and no update renews it',
        'warning has no cloud-init, so neither the user nor the SSH key of the definition is set up',
        'note has neither update-initramfs nor dracut, so an initramfs that lacks what the disk needs stays so',
        'note has "./" with mode 0700 of user 1000 and group 1000; "/" becomes 0755 of root',
      ],
    );
    const biosGrub = await inspect({ 'rootfs.tar.gz': gzipSync(tarOf(changed(debianRoot, /x86_64-efi/))) });
    assert.match(biosGrub.warnings.map(({ problem }) => problem).join(), /has GRUB, but none for EFI on x86_64/);
  });

  test('a file whose mode is changed is another one: it may be readable now', async () => {
    makeImage(join(madeImages, 'mode/x86_64'));
    const fingerprint = async () => (await lookAtImage(madeImages, 'mode/x86_64'))?.fingerprint;
    const before = await fingerprint();
    assert.equal(await fingerprint(), before);
    chmodSync(join(madeImages, 'mode/x86_64/rootfs.tar.gz'), 0o600);

    assert.notEqual(await fingerprint(), before);
  });

  test('a program that is missing says nothing about the image', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      await assert.rejects(inspect(), /unpack it with gzip|read ".*rootfs\.tar\.gz"/);
    } finally {
      process.env['PATH'] = path;
    }
  });

  test('a tarball that is gone, and a FIFO in its place, say nothing about the image', async () => {
    const path = join(madeImages, 'gone');
    makeImage(path);
    rmSync(join(path, 'rootfs.tar.gz'));
    const image = {
      path,
      directory: 'images/d/x86_64',
      arch: 'x86_64',
      names: readdirSync(path),
      rootfs: 'rootfs.tar.gz',
    } as const;

    await assert.rejects(inspectImage(image), /read ".*rootfs\.tar\.gz"/);
    execFileSync('mkfifo', [join(path, 'rootfs.tar.gz')]);
    await assert.rejects(inspectImage(image), (error) => /it is not a regular file/.test(describeError(error)));
  });
});
