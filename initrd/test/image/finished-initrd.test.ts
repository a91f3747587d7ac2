import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';

import { architectures, type Arch } from '@pxeboot/config/contract/architecture';
import { needs } from '@pxeboot/config/test/support/requirements';
import { execa } from 'execa';

import { markerPath } from '../../src/plan/archive-plan.ts';
import { readImageFile } from './support/image-file.ts';
import { readCpio, type Member } from './support/read-cpio.ts';
import { unpackMember } from './support/unpack-member.ts';

const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const tarball = join(import.meta.dirname, `../../../pxeboot_stack_${architectures[machine].debian}.tar`);
const budgetBytes = 38_000_000; // compressed: docs/decisions/0014-node-with-english-alone.md
const checkEfi = join(import.meta.dirname, '../../../config/build/check-efi.mjs');
const maximumWindowBytes = 2 ** 27; // lib/decompress_unzstd.c, ZSTD_WINDOWSIZE_MAX

const requirements = needs(tarball, 'chroot');

for (const arch of Object.keys(architectures) as Arch[]) {
  describe(`initrd for ${arch} in the built image`, requirements, () => {
    let compressed: Buffer;
    let members: Member[];

    before(async () => {
      compressed = await readImageFile(tarball, `www/initrds/${arch}/initrd.gz`);
      members = readCpio(zstdDecompressSync(compressed));
    });

    test('keeps to its budget', () => {
      console.log(`${arch}: ${compressed.length} bytes`);
      assert.ok(compressed.length <= budgetBytes, `${compressed.length} bytes`);
    });

    test('has a window that the kernel unpacks', () => {
      assert.ok(windowBytes(compressed) <= maximumWindowBytes);
    });

    test('ends with the marker, is sorted before it, and holds neither owners nor times', () => {
      const paths = members.map(({ path }) => path);

      assert.equal(paths.at(-1), markerPath);
      assert.deepEqual(paths.slice(0, -1), paths.slice(0, -1).toSorted());
      assert.ok(members.every(({ owner, group, time }) => owner === 0 && group === 0 && time === 0));
    });

    test('has our own GRUB, an EFI program for its architecture that needs no module from a disk', async () => {
      const grub = members.find(({ path }) => path === 'usr/lib/os-installer/grub.efi')?.content;
      assert.ok(grub !== undefined);
      const directory = mkdtempSync(join(tmpdir(), 'grub-'));
      try {
        writeFileSync(join(directory, 'grub.efi'), grub);
        await execa(process.execPath, [checkEfi, join(directory, 'grub.efi'), arch]);
      } finally {
        rmSync(directory, { recursive: true });
      }
      assert.ok(grub.includes('/EFI/BOOT\0'), 'its prefix');
    });

    test('has a real /lib, which the modules archive may name', () => {
      assert.equal(members.find(({ path }) => path === 'lib')?.mode, 0o040755);
    });
  });
}

describe('programs of the finished initrd, run under chroot', requirements, () => {
  let root: string;

  before(async () => {
    const initrd = await readImageFile(tarball, `www/initrds/${machine}/initrd.gz`);
    root = mkdtempSync(join(tmpdir(), 'initrd-'));
    for (const member of readCpio(zstdDecompressSync(initrd))) unpackMember(root, member);
    await execa('mknod', [join(root, 'dev/null'), 'c', '1', '3']);
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  const commands: [string, RegExp][] = [
    ['/usr/bin/busybox', /^BusyBox v/],
    ['/usr/bin/tar --version', /^tar \(GNU tar\)/],
    ['/usr/bin/gzip --version', /^gzip /],
    ['/usr/bin/zstd --version', /Zstandard CLI/],
    ['/usr/bin/xz --version', /^xz \(XZ Utils\)/],
    ['/usr/bin/bzip2 --help', /^bzip2, a block-sorting file compressor/],
    ['/usr/bin/efibootmgr --version', /^version \d+/],
    ['/usr/bin/sync --version', /^sync \(GNU coreutils\)/],
    ['/usr/sbin/sfdisk --version', /^sfdisk from util-linux/],
    ['/usr/sbin/mkfs.fat --help', /^mkfs\.fat \d/m],
    ['/usr/sbin/mkfs.ext4 -V', /^mke2fs/],
    ['/usr/sbin/e2fsck -V', /^e2fsck/],
    ['/usr/sbin/blkid --version', /^blkid from util-linux/],
    ['/usr/sbin/modprobe --version', /^kmod version.*\+XZ.*/ms],
    ['/usr/bin/udevadm --version', /^\d+/],
    ['/usr/lib/systemd/systemd-udevd --version', /^\d+/],
    ['/usr/lib/udev/ata_id --help', /ata_id/],
    ['/usr/lib/udev/scsi_id --version', /^systemd \d+/],
    ['/usr/bin/os-installer --node-version', /^24\./],
    ['/bin/sh -c /bin/ip\\ link', /^1: lo:/],
  ];
  for (const [command, expected] of commands) {
    test(`${command} runs`, async () => {
      const args = command.split(/(?<!\\) /).map((word) => word.replace('\\ ', ' '));
      const { all } = await execa('chroot', [root, ...args], {
        all: true,
        reject: false,
        extendEnv: false,
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      });

      assert.match(all, expected);
    });
  }
});

/** @see RFC 8878, 3.1.1.1.2 */
function windowBytes(frame: Buffer): number {
  const descriptor = frame[5] ?? 0;
  const singleSegment = ((frame[4] ?? 0) & 0x20) !== 0;
  assert.ok(!singleSegment, 'a single-segment frame needs memory for the whole archive');
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
