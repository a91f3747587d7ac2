import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';

import { architectures, type Arch } from '@pxeboot/config/contract/architecture';
import { needs } from '@pxeboot/config/test/support/requirements';
import { boards } from '@pxeboot/lab/decide/qemu-arguments';
import { testLab } from '@pxeboot/lab/lab';
import { execa } from 'execa';

import { readImageFile } from '../image/support/image-file.ts';
import { readCpio } from '../image/support/read-cpio.ts';

const lab = testLab();
const bootTimeoutMs = 180_000;
const mib = 2 ** 20;
const rootUuid = '5f1d0a5e-7b7c-4a44-9d6a-2f3a6c1b9e10';
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** UEFI 2.10, 3.5.1.1: what firmware starts from a disk that it has no boot entry for. */
const removableNames: Record<Arch, string> = { x86_64: 'BOOTX64.EFI', aarch64: 'BOOTAA64.EFI' };

/** What grub-mkconfig of Debian, Ubuntu and Fedora has GRUB load, its scripts in /etc/grub.d read; and file systems of /boot. */
const wantedModules = [
  ...[
    'part_gpt',
    'part_msdos',
    'fat',
    'ext2',
    'xfs',
    'btrfs',
    'gzio',
    'xzio',
    'all_video',
    'efi_gop',
    'gfxterm',
    'gettext',
  ],
  ...['serial', 'terminal', 'gfxterm_background', 'png', 'bli', 'regexp', 'search_fs_file', 'search_label', 'probe'],
];
/** Commands in it. */
const wantedCommands = [
  ...[
    'background_image',
    'cat',
    'chainloader',
    'configfile',
    'fwsetup',
    'halt',
    'initrd',
    'keystatus',
    'linux',
    'list_env',
  ],
  ...[
    'load_env',
    'loadfont',
    'ls',
    'password_pbkdf2',
    'probe',
    'reboot',
    'regexp',
    'save_env',
    'search',
    'serial',
    'sleep',
  ],
  ...['smbios', 'terminal_input', 'terminal_output', 'test'],
];

/** Of the ESP, as an installer writes it: only where the real one is. */
const espConfig = `echo "reads $prefix"\nsearch --no-floppy --fs-uuid --set=root ${rootUuid}\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n`;

/** With the commands that grub-mkconfig's own file begins with. */
const rootConfig = [
  'if [ -s $prefix/grubenv ]; then load_env; fi',
  'if [ x"${feature_menuentry_id}" = xy ]; then menuentry_id_option="--id"; fi',
  'export menuentry_id_option',
  ...wantedModules.map((name) => `if insmod ${name}; then true; else echo "lacks module ${name}"; fi`),
  'terminal_output console',
  'help',
  'echo "saved: $saved_entry"',
  'menuentry "halt" $menuentry_id_option halt-now { echo "the entry runs"; halt }',
  'set default=halt-now',
  'set timeout_style=hidden',
  'set timeout=0',
].join('\n');

for (const arch of Object.keys(architectures) as Arch[]) {
  const { program, code } = boards[arch];
  describe(
    `our own GRUB for ${arch}`,
    needs(lab.tarball, program, code, 'mke2fs', 'mkfs.fat', 'mcopy', 'sfdisk'),
    () => {
      let work: string;

      before(() => {
        work = mkdtempSync(join(tmpdir(), 'grub-'));
      });
      after(() => rmSync(work, { recursive: true, force: true }));

      test('starts from the ESP and has all that a grub.cfg of the families asks for, without a module from a disk', async () => {
        const disk = await makeDisk(work, arch);

        const console = await boot(work, arch, disk);

        assert.match(console, /reads \(hd0,gpt1\)\/EFI\/BOOT/);
        assert.match(console, /saved: of the root/);
        assert.match(console, /the entry runs/);
        assert.doesNotMatch(console, /lacks|error:/);
        const lacking = wantedCommands.filter((name) => !new RegExp(`(^|\\s)\\[?${name}\\b`, 'm').test(console));
        assert.deepEqual(lacking, []);
      });
    },
  );
}

/** GPT with an ESP, which has GRUB and what it reads there, and an ext4 root with the real configuration. */
async function makeDisk(work: string, arch: Arch): Promise<string> {
  const initrd = await readImageFile(lab.tarball, `www/initrds/${arch}/initrd.gz`);
  const grub = readCpio(zstdDecompressSync(initrd)).find(({ path }) => path === 'usr/lib/os-installer/grub.efi');
  assert.ok(grub !== undefined);
  const at = (name: string): string => join(work, name);
  writeFileSync(at('grub.efi'), grub.content);
  writeFileSync(at('esp.cfg'), espConfig);
  mkdirSync(at('root/boot/grub'), { recursive: true });
  writeFileSync(at('root/boot/grub/grub.cfg'), rootConfig);
  writeFileSync(at('root/boot/grub/grubenv'), grubEnvironment('saved_entry=of the root\n'));
  const disk = at('disk');
  writeFileSync(disk, '');
  truncateSync(disk, 128 * mib);
  await execa('sfdisk', [disk], { input: 'label: gpt\nsize=64MiB, type=U\ntype=L\n' });
  await execa('mkfs.fat', ['-F', '32', '--offset', '2048', disk, String(64 * 1024)]);
  const esp = `${disk}@@1M`;
  await execa('mmd', ['-i', esp, '::/EFI', '::/EFI/BOOT']);
  await execa('mcopy', ['-i', esp, at('grub.efi'), `::/EFI/BOOT/${removableNames[arch]}`]);
  await execa('mcopy', ['-i', esp, at('esp.cfg'), '::/EFI/BOOT/grub.cfg']);
  const format = ['-q', '-t', 'ext4', '-U', rootUuid, '-d', at('root'), '-E', `offset=${65 * mib}`, disk, '62M'];
  await execa('mke2fs', format);
  return disk;
}

/** 1,024 bytes, filled up with "#": GRUB manual, "Environment block". */
function grubEnvironment(text: string): string {
  return `# GRUB Environment Block\n${text}`.padEnd(1024, '#');
}

/** Powers a machine on and waits until GRUB has switched it off. */
async function boot(work: string, arch: Arch, disk: string): Promise<string> {
  const { program, machine, cpu, code, vars } = boards[arch];
  const [nvram, log] = [join(work, 'vars.fd'), join(work, 'console')];
  copyFileSync(vars, nvram);
  const started = performance.now();
  const { timedOut, stderr } = await execa(
    program,
    [
      ...['-nodefaults', '-M', machine, '-cpu', cpu, '-accel', 'tcg', '-m', '512', '-display', 'none', '-no-reboot'],
      ...['-serial', `file:${log}`, '-drive', `if=pflash,format=raw,readonly=on,file=${code}`],
      ...['-drive', `if=pflash,format=raw,file=${nvram}`],
      ...['-drive', `if=none,id=disk0,format=raw,file=${disk}`, '-device', 'virtio-blk-pci,drive=disk0'],
    ],
    { timeout: bootTimeoutMs, reject: false },
  );
  const text = readFileSync(log, 'latin1');
  console.log(`GRUB for ${arch} has ended the machine after ${Math.round(performance.now() - started)} ms`);
  assert.ok(!timedOut, `no end within ${bootTimeoutMs} ms: ${stderr}\n${text.slice(-3000)}`);
  return text;
}
