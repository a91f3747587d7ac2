import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { Header } from 'tar/header';

import type { Arch } from '../../contract/architecture.ts';

/** One entry of an archive that a test makes; a link has a target, a name that ends in "/" is a directory. */
export interface MadeEntry {
  path: string;
  content?: string | Buffer;
  mode?: number;
  uid?: number;
  symlink?: string;
  hardlink?: string;
}

/** A tar archive of exactly these entries, whatever their names are. */
export function tarOf(entries: readonly MadeEntry[]): Buffer {
  return Buffer.concat([...entries.map(blocksOf), Buffer.alloc(1024)]);
}

function blocksOf({ path, content = '', mode, uid = 0, symlink, hardlink }: MadeEntry): Buffer {
  const body = Buffer.from(content);
  const type = typeOf(path, symlink, hardlink);
  const linkpath = symlink ?? hardlink;
  const header = new Header({
    path,
    type,
    mode: mode ?? (type === 'Directory' ? 0o755 : 0o644),
    uid,
    gid: uid,
    size: body.length,
    mtime: new Date(0),
    ...(linkpath === undefined ? {} : { linkpath }),
  });
  const block = Buffer.alloc(512);
  if (header.encode(block)) throw new Error(`"${path}" does not fit in a plain header`);
  return Buffer.concat([block, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

function typeOf(path: string, symlink: string | undefined, hardlink: string | undefined) {
  if (symlink !== undefined) return 'SymbolicLink';
  if (hardlink !== undefined) return 'Link';
  return path.endsWith('/') ? 'Directory' : 'File';
}

/** Blocks of so many empty files in one directory, for `tarOf` to be put behind. */
export function emptyFiles(count: number): Buffer {
  const name = (index: number) => `srv/${String(index).padStart(8, '0')}`;
  const template = blocksOf({ path: name(0) });
  const sumOf = (text: string) => Buffer.from(text).reduce((sum, byte) => sum + byte, 0);
  const sum = Number.parseInt(template.toString('latin1', 148, 154), 8) - sumOf(name(0));
  const blocks = Buffer.alloc(count * 512);
  for (let index = 0; index < count; index++) {
    template.copy(blocks, index * 512);
    blocks.write(name(index), index * 512);
    blocks.write((sum + sumOf(name(index))).toString(8).padStart(6, '0'), index * 512 + 148);
  }
  return blocks;
}

/** The beginning of a program. @param machine e_machine, 62 for x86_64, 183 for aarch64 */
export function elfProgram(machine: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(machine, 18);
  return bytes;
}

const x86 = elfProgram(62);

/** What makes a root file system of Debian's kind one that installs. */
export const debianRoot: readonly MadeEntry[] = [
  { path: './' },
  { path: './bin', symlink: 'usr/bin' },
  { path: './sbin', symlink: 'usr/sbin' },
  { path: './lib', symlink: 'usr/lib' },
  { path: './etc/' },
  { path: './etc/os-release', symlink: '../usr/lib/os-release' },
  { path: './usr/sbin/init', symlink: '/lib/systemd/systemd' },
  { path: './usr/lib/systemd/systemd', content: x86, mode: 0o755 },
  {
    path: './usr/lib/os-release',
    content: 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\n',
  },
  { path: './usr/bin/sh', symlink: 'dash' },
  { path: './usr/bin/dash', content: x86, mode: 0o755 },
  { path: './usr/bin/cloud-init', content: '#!/usr/bin/python3\n', mode: 0o755 },
  { path: './usr/sbin/update-initramfs', content: '#!/bin/sh\n', mode: 0o755 },
  { path: './usr/sbin/grub-install', content: x86, mode: 0o755 },
  { path: './usr/lib/grub/x86_64-efi/modinfo.sh', content: '#!/bin/sh\n' },
  { path: './boot/vmlinuz-6.1.0-9-amd64', content: 'kernel' },
  { path: './boot/initrd.img-6.1.0-9-amd64', content: 'initramfs' },
  { path: './usr/lib/modules/6.1.0-9-amd64/modules.dep', content: 'kernel/a.ko:\n' },
  { path: './usr/lib/modules/6.1.0-9-amd64/kernel/a.ko', content: 'module' },
];

/** The same for another architecture. */
export function debianRootFor(arch: Arch): MadeEntry[] {
  const program = elfProgram(arch === 'aarch64' ? 183 : 62);
  return debianRoot.map((entry) => (entry.content === x86 ? { ...entry, content: program } : entry));
}

/** Of Fedora's kind: SELinux, dracut, kernels next to their modules, an ESP with the signed chain. */
export const fedoraRoot: readonly MadeEntry[] = [
  { path: './' },
  { path: './bin', symlink: 'usr/bin' },
  { path: './sbin', symlink: 'usr/sbin' },
  { path: './lib', symlink: 'usr/lib' },
  { path: './etc/selinux/config', content: '# SELINUX= can take …\nSELINUX=enforcing\nSELINUXTYPE=targeted\n' },
  { path: './etc/os-release', symlink: '../usr/lib/os-release' },
  {
    path: './usr/lib/os-release',
    content: 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=40\nPRETTY_NAME="Fedora Linux 40"\n',
  },
  { path: './usr/lib/systemd/systemd', content: x86, mode: 0o755 },
  { path: './usr/sbin/init', symlink: '../lib/systemd/systemd' },
  { path: './usr/sbin/setfiles', content: x86, mode: 0o755 },
  { path: './usr/sbin/grub2-install', content: x86, mode: 0o755 },
  { path: './usr/bin/dracut', content: '#!/bin/bash\n', mode: 0o755 },
  { path: './usr/bin/cloud-init', content: '#!/usr/bin/python3\n', mode: 0o755 },
  { path: './usr/lib/modules/6.8.5-301.fc40.x86_64/vmlinuz', content: 'kernel', mode: 0o755 },
  { path: './usr/lib/modules/6.8.5-301.fc40.x86_64/modules.dep', content: 'kernel/a.ko.xz:\n' },
  { path: './usr/lib/modules/6.8.5-301.fc40.x86_64/kernel/a.ko.xz', content: 'module' },
  { path: './boot/vmlinuz-6.8.5-301.fc40.x86_64', content: 'kernel', mode: 0o755 },
  { path: './boot/initramfs-6.8.5-301.fc40.x86_64.img', content: 'initramfs' },
  { path: './boot/efi/EFI/fedora/shimx64.efi', content: 'MZ', mode: 0o700 },
  { path: './boot/efi/EFI/fedora/grubx64.efi', content: 'MZ', mode: 0o700 },
];

/** The entries with some of them left out and others put behind. */
export function changed(root: readonly MadeEntry[], without: RegExp, ...more: readonly MadeEntry[]): MadeEntry[] {
  return [...root.filter(({ path }) => !without.test(path)), ...more];
}

/** An archive for the kernel with these files. */
export function cpioOf(files: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries({ ...files, 'TRAILER!!!': '' }).map(([name, content]) => cpioEntry(name, content)),
  );
}

function cpioEntry(name: string, content: string): Buffer {
  const [named, body] = [Buffer.from(`${name}\0`), Buffer.from(content)];
  const numbers = [1, 0o100644, 0, 0, 1, 0, body.length, 0, 0, 0, 0, named.length, 0];
  const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`;
  const head = Buffer.concat([Buffer.from(header), named]);
  return Buffer.concat([
    head,
    Buffer.alloc((4 - (head.length % 4)) % 4),
    body,
    Buffer.alloc((4 - (body.length % 4)) % 4),
  ]);
}

/** Modules of the kernel of `debianRoot`. */
export const debianModules = cpioOf({
  'usr/lib/modules/6.1.0-9-amd64/modules.dep': 'kernel/a.ko:\n',
  'usr/lib/modules/6.1.0-9-amd64/kernel/a.ko': 'module',
});

/** Makes an image directory that installs. @param files takes the place of files, or adds some */
export function makeImage(directory: string, files: Readonly<Record<string, string | Buffer>> = {}): void {
  mkdirSync(directory, { recursive: true });
  const usual = {
    'vmlinuz-6.1.0-9-amd64': 'kernel',
    'initrd.img-6.1.0-9-amd64': 'initramfs',
    'modules.cpio.gz': gzipSync(debianModules),
    ...(Object.keys(files).some((name) => name.startsWith('rootfs'))
      ? {}
      : { 'rootfs.tar.gz': gzipSync(tarOf(debianRoot)) }),
  };
  for (const [name, content] of Object.entries({ ...usual, ...files })) writeFileSync(join(directory, name), content);
}

/** What a program makes of its standard input. */
export function through(program: string, args: readonly string[], input: Buffer): Buffer {
  return execFileSync(program, args, { input, maxBuffer: 2 ** 30, stdio: ['pipe', 'pipe', 'ignore'] });
}
