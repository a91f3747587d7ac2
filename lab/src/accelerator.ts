import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/architecture';
import { run } from '@pxeboot/config/run';

import { boards } from './qemu-arguments.ts';
import type { Accelerator } from './qemu-arguments.ts';

const probeMs = 8_000;

/** KVM if a guest's firmware really runs on it: a /dev/kvm that opens, and even creates a VM, proves nothing. */
export async function chooseAccelerator(arch: Arch, hostArch: Arch): Promise<Accelerator> {
  if (arch !== hostArch || !existsSync('/dev/kvm')) return 'tcg';
  const directory = await mkdtemp(join(tmpdir(), 'pxeboot-kvm-'));
  try {
    const console = join(directory, 'console');
    await runFirmware(arch, directory, console);
    return /BdsDxe|UEFI|Shell>/.test(await readFile(console, 'latin1').catch(() => '')) ? 'kvm' : 'tcg';
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function runFirmware(arch: Arch, directory: string, console: string): Promise<void> {
  const board = boards[arch];
  const vars = join(directory, 'vars.fd');
  await copyFile(board.vars, vars);
  const args = [
    ...[
      '-nodefaults',
      '-M',
      board.machine,
      '-accel',
      'kvm',
      '-cpu',
      'host',
      '-m',
      '256',
      '-display',
      'none',
      '-no-reboot',
    ],
    ...['-serial', `file:${console}`],
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${board.code}`, '-drive', `if=pflash,format=raw,file=${vars}`],
  ];
  // Firmware without a boot option stays in its shell or menu: it is ended by the time limit.
  await run(board.program, args, { timeoutMs: probeMs }).catch(() => undefined);
}
