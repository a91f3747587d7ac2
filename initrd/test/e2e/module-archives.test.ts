import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

import { needs } from '@pxeboot/config/test/support/requirements';
import { buildImage, imageDirectory } from '@pxeboot/lab/debian-image';
import { testLab } from '@pxeboot/lab/lab';
import { execa } from 'execa';

import type { ArchiveEntry } from '../../src/plan/archive-entry.ts';
import { writeCpio } from '../../src/plan/cpio.ts';
import { readImageFile } from '../image/support/image-file.ts';
import { readCpio } from '../image/support/read-cpio.ts';
import { unpackMember } from '../image/support/unpack-member.ts';

const lab = testLab();
const bootTimeoutMs = 180_000;

describe(
  'the finished initrd with an archive of kernel modules',
  needs(lab.tarball, 'chroot', 'qemu-system-x86_64'),
  () => {
    let work: string;
    let initrd: Buffer;

    before(async () => {
      await buildImage(lab, 'debian-12', 'x86_64');
      work = mkdtempSync(join(tmpdir(), 'modules-'));
      initrd = await readImageFile(lab.tarball, 'www/initrds/x86_64/initrd.gz');
    });
    after(() => rmSync(work, { recursive: true, force: true }));

    test('of Ubuntu: "./lib" and all below it, modules compressed with zstd', async () => {
      const root = await unpackWithModules(join(work, 'ubuntu'), initrd, ['zstd', '-q', '-1', '--rm', '--']);
      const paths = ['lib', ...globSync('lib/**', { cwd: root })].filter((path) => /^lib$|^lib\/modules/.test(path));

      const console = await bootToShell(work, initrd, archiveOf(root, paths, './'));

      assert.match(console, /^net: eth0 lo\b/m);
      assert.match(console, /^virtio_net /m);
    });

    test('of Fedora: files below "lib/modules" alone, modules compressed with xz', async () => {
      const root = await unpackWithModules(join(work, 'fedora'), initrd, ['xz', '-0', '--check=crc32', '--']);
      const paths = globSync('lib/modules/**', { cwd: root });

      const console = await bootToShell(work, initrd, archiveOf(root, paths, ''));

      assert.match(console, /^net: eth0 lo\b/m);
      assert.match(console, /^virtio_net /m);
    });
  },
);

/** The initrd and Debian's modules, unpacked into one root; the modules compressed, their index made anew by its depmod. */
async function unpackWithModules(root: string, initrd: Buffer, compressor: readonly string[]): Promise<string> {
  const modules = gunzipSync(readFileSync(join(imageDirectory(lab, 'debian-12', 'x86_64'), 'modules.cpio.gz')));
  for (const member of [...readCpio(zstdDecompressSync(initrd)), ...readCpio(modules)]) unpackMember(root, member);
  const objects = globSync('lib/modules/**/*.ko', { cwd: root }).map((path) => join(root, path));
  assert.ok(objects.length > 100, `only ${objects.length} modules`);
  const [program = '', ...options] = compressor;
  await execa(program, [...options, ...objects]);
  const [release = ''] = readdirSync(join(root, 'lib/modules'));
  await execa('chroot', [root, '/usr/sbin/depmod', release]);
  return root;
}

function archiveOf(root: string, paths: readonly string[], prefix: string): Buffer {
  const entries = paths.toSorted().map((path): ArchiveEntry => {
    const name = `${prefix}${path}`;
    if (statSync(join(root, path)).isDirectory()) return { kind: 'dir', path: name, mode: 0o755 };
    return { kind: 'file', path: name, mode: 0o644, content: readFileSync(join(root, path)) };
  });
  return Buffer.concat(writeCpio(entries));
}

/** Boots Debian's kernel with both archives and 1 GB, and has the shell show the network and the modules. */
async function bootToShell(work: string, initrd: Buffer, modules: Buffer): Promise<string> {
  const both = join(work, 'initrd');
  writeFileSync(both, Buffer.concat([initrd, Buffer.alloc(-initrd.length & 3), modules]));
  const [kernel = ''] = globSync(join(imageDirectory(lab, 'debian-12', 'x86_64'), 'vmlinuz*'));
  const started = performance.now();
  const qemu = execa(
    'qemu-system-x86_64',
    [
      ...['-nodefaults', '-M', 'q35', '-cpu', 'max', '-accel', 'tcg,thread=multi', '-smp', '2', '-m', '1024'],
      ...['-display', 'none', '-serial', 'stdio', '-no-reboot', '-kernel', kernel, '-initrd', both],
      ...['-append', 'console=ttyS0,115200 panic=-1 quiet rootfstype=ramfs initrd.mode=shell'],
      ...['-netdev', 'user,id=net0', '-device', 'virtio-net-pci,netdev=net0,romfile='],
    ],
    { timeout: bootTimeoutMs, reject: false, all: true, stdin: 'pipe' },
  );
  let seen = '';
  qemu.stdout.on('data', (chunk: Buffer) => {
    const before = seen;
    seen += chunk.toString('latin1');
    if (before.includes('built-in shell') || !seen.includes('built-in shell')) return;
    console.log(`shell after ${Math.round(performance.now() - started)} ms`);
    qemu.stdin.write('echo; echo net: $(ls /sys/class/net); lsmod; reboot -f\n');
  });
  const { all, timedOut } = await qemu;
  assert.ok(!timedOut, `no end of the machine within ${bootTimeoutMs} ms:\n${all.slice(-3000)}`);
  return all.replaceAll('\r', '');
}
