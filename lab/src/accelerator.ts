import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/contract/architecture';
import { writeAtomic } from '@pxeboot/config/host/files';

import type { Accelerator } from './decide/qemu-arguments.ts';
import { boards } from './decide/qemu-arguments.ts';
import type { LabSettings } from './decide/settings.ts';
import { GaveUp, waitUntil } from './wait-until.ts';

const probeMs = 8_000;

/** KVM if a guest's firmware really runs on it: a /dev/kvm that opens, and even creates a VM, proves nothing.
 * The answer is kept until the lab goes down. */
export async function chooseAccelerator(lab: LabSettings, arch: Arch, hostArch: Arch): Promise<Accelerator> {
  if (arch !== hostArch || !existsSync('/dev/kvm')) return 'tcg';
  const known = join(lab.runtime, 'accelerator');
  const text = await readFile(known, 'utf8').catch(() => '');
  if (text === 'kvm' || text === 'tcg') return text;
  const accelerator = await hostAccelerator(arch);
  await writeAtomic(known, accelerator);
  return accelerator;
}

/** The same without a lab, asked anew. @param arch this machine's own */
export async function hostAccelerator(arch: Arch): Promise<Accelerator> {
  return existsSync('/dev/kvm') && (await firmwareRunsOnKvm(arch)) ? 'kvm' : 'tcg';
}

/** Starts a machine without disk and network and waits for the first words of its firmware. */
async function firmwareRunsOnKvm(arch: Arch): Promise<boolean> {
  const board = boards[arch];
  const directory = await mkdtemp(join(tmpdir(), 'pxeboot-kvm-'));
  const [vars, console] = [join(directory, 'vars.fd'), join(directory, 'console')];
  await copyFile(board.vars, vars);
  const child = spawn(
    board.program,
    [
      ...['-nodefaults', '-M', board.machine, '-accel', 'kvm', '-cpu', 'host', '-m', '256', '-display', 'none'],
      ...['-no-reboot', '-serial', `file:${console}`],
      ...['-drive', `if=pflash,format=raw,readonly=on,file=${board.code}`],
      ...['-drive', `if=pflash,format=raw,file=${vars}`],
    ],
    { stdio: 'ignore' },
  );
  // A program that cannot be started has no end.
  const ended = once(child, 'close').catch(() => undefined);
  try {
    await waitUntil('firmware runs on KVM', probeMs, async () => {
      if (child.exitCode !== null) throw new GaveUp(`QEMU ended with ${child.exitCode}`);
      return /BdsDxe|UEFI|Shell>/.test(await readFile(console, 'latin1').catch(() => ''));
    });
    return true;
  } catch {
    return false;
  } finally {
    child.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true, force: true });
  }
}
