import { join } from 'node:path';

import { InputError } from '@pxeboot/config/errors';
import { exists } from '@pxeboot/config/exists';

import { commands, plannedPlace, rootType } from '../commands.ts';
import type { Installation } from '../installation.ts';
import { modulesFor } from '../probe-drivers.ts';
import { DamagedInitramfsError, missingModules, UnreadableInitramfsError } from '../read-initramfs.ts';
import { runCommand } from '../run-command.ts';
import type { StepOf } from '../steps.ts';
import { hasContent, modulesPath } from './modules.ts';

type InitramfsStep = StepOf<'initramfs'>;

/** Makes an initramfs with the new system's own tools, unless there is one that can reach the disk.
 * @throws InputError there is none, or none of use, and that cannot be helped */
export async function makeInitramfs(step: InitramfsStep, installation: Installation): Promise<void> {
  const { target, log } = installation;
  const initrd = join(target, 'boot', `initrd.img-${step.release}`);
  const present = await hasContent(initrd);
  const keepable = present && step.when === 'if-needed';
  const fault = keepable ? await faultOf(initrd, step, installation) : undefined;
  if (keepable && fault === undefined) {
    log.info('initramfs kept', { initrd });
    return;
  }
  if (fault !== undefined) log.warn('the initramfs is of no use; making another', { initrd, reason: `it ${fault}` });
  await requireProgram(step, target, fault);
  await generate(step, target, present, installation);
  await requireUse(initrd, step, installation);
}

/** Why the system could not start from the disk with an initramfs, as the end of a sentence about it; undefined when it could, or
 * when that cannot be told. */
async function faultOf(
  initrd: string,
  { disk, release }: InitramfsStep,
  { log, sysfs }: Installation,
): Promise<string | undefined> {
  const wanted = await modulesFor(disk, rootType, sysfs);
  try {
    const missing = await missingModules(initrd, release, wanted);
    return missing.length === 0 ? undefined : `lacks "${missing.join('", "')}", which ${disk} needs`;
  } catch (error) {
    if (error instanceof DamagedInitramfsError) return `is damaged: ${error.message}`;
    if (!(error instanceof UnreadableInitramfsError)) throw error;
    log.warn('cannot tell whether the initramfs has the drivers of the disk', { initrd, disk, reason: error.message });
    return undefined;
  }
}

async function requireProgram({ release }: InitramfsStep, target: string, fault: string | undefined): Promise<void> {
  if (await exists(join(target, 'usr/sbin/update-initramfs'))) return;
  const what =
    fault === undefined
      ? 'the root file system has none and no update-initramfs'
      : `that of the root file system ${fault}; and there is no update-initramfs`;
  throw new InputError(`make an initramfs for kernel ${release}: ${what}; add the package initramfs-tools to it`);
}

async function generate(step: InitramfsStep, target: string, present: boolean, { log }: Installation): Promise<void> {
  const { depmod, create, update } = commands.initramfs(step, { ...plannedPlace, target });
  if (!(await hasContent(join(target, modulesPath(step.release), 'modules.dep.bin')))) {
    await runCommand(depmod, log);
  }
  await runCommand(present ? update : create, log);
}

async function requireUse(initrd: string, step: InitramfsStep, installation: Installation): Promise<void> {
  const fault = await faultOf(initrd, step, installation);
  if (fault === undefined) return;
  throw new InputError(
    `make an initramfs for kernel ${step.release}: the new one is of no use, it ${fault}; ` +
      "see that the root file system's modules have what is needed and that its etc/initramfs-tools does not leave it out",
  );
}
