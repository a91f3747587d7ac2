import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { InputError } from '@pxeboot/config/kit/errors';
import { exists } from '@pxeboot/config/host/exists';

import { commands, plannedPlace, rootType } from '../commands.ts';
import type { Installation } from '../installation.ts';
import { modulesFor } from '../probe/drivers.ts';
import { DamagedInitramfsError, missingModules, UnreadableInitramfsError } from '../initramfs/missing-modules.ts';
import { runCommand } from '../run-command.ts';
import type { StepOf } from '../steps.ts';
import { builtInModules, hasContent, modulesPath } from './modules.ts';

type InitramfsStep = StepOf<'initramfs'>;

/** Makes an initramfs with the new system's own tools, unless there is one that can reach the disk. What cannot be told of one is
 * warned of and stops nothing: there is nobody who could overrule it.
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
  const isNew = await generate(step, initrd, present, installation);
  await requireUse(initrd, isNew, step, installation);
}

/** Why the system could not start from the disk with an initramfs, as the end of a sentence about it; undefined when it could, or
 * when that cannot be told. */
async function faultOf(
  initrd: string,
  { disk, release }: InitramfsStep,
  { target, sysfs, warn }: Installation,
): Promise<string | undefined> {
  const cannotTell = (reason: string): void =>
    warn(`cannot tell whether the initramfs has what the system needs to start from ${disk}: ${reason}`);
  const wanted = await modulesFor(disk, rootType, sysfs);
  try {
    const missing = await missingModules(initrd, release, wanted);
    if (missing.length === 0) return undefined;
    const builtIn = await builtInModules(target, release);
    if (!missing.every((name) => builtIn.has(name))) return `lacks "${missing.join('", "')}", which ${disk} needs`;
    cannotTell(
      `it lacks "${missing.join('", "')}"; the system's kernel is said to have that built in, this one has not`,
    );
  } catch (error) {
    if (error instanceof DamagedInitramfsError) return `is damaged: ${error.message}`;
    if (!(error instanceof UnreadableInitramfsError)) throw error;
    cannotTell(error.message);
  }
  return undefined;
}

async function requireProgram({ release }: InitramfsStep, target: string, fault: string | undefined): Promise<void> {
  if (await exists(join(target, 'usr/sbin/update-initramfs'))) return;
  const what =
    fault === undefined
      ? 'the root file system has none and no update-initramfs'
      : `that of the root file system ${fault}; and there is no update-initramfs`;
  throw new InputError(`make an initramfs for kernel ${release}: ${what}; add the package initramfs-tools to it`);
}

/** With `update_initramfs=no` in its configuration, update-initramfs passes over "-u" and says that all went well.
 * @returns false when there is nothing new in the end */
async function generate(
  step: InitramfsStep,
  initrd: string,
  present: boolean,
  { target, log }: Installation,
): Promise<boolean> {
  const { depmod, create, update } = commands.initramfs(step, { ...plannedPlace, target });
  if (!(await hasContent(join(target, modulesPath(step.release), 'modules.dep.bin')))) {
    await runCommand(depmod, log);
  }
  const before = await versionOf(initrd);
  if (present) await runCommand(update, log);
  if ((await versionOf(initrd)) === before) await runCommand(create, log);
  return (await versionOf(initrd)) !== before;
}

/** What is another after a file was written or replaced; undefined when there is none. */
async function versionOf(path: string): Promise<string | undefined> {
  return stat(path, { bigint: true }).then(
    ({ ino, ctimeNs }) => `${ino} ${ctimeNs}`,
    () => undefined,
  );
}

const advice =
  "see that the root file system's modules have what is needed, that its etc/initramfs-tools does not leave it out, and that " +
  'nothing stands in the place of its update-initramfs';

async function requireUse(
  initrd: string,
  isNew: boolean,
  step: InitramfsStep,
  installation: Installation,
): Promise<void> {
  const making = `make an initramfs for kernel ${step.release}`;
  if (!(await hasContent(initrd))) {
    throw new InputError(`${making}: update-initramfs reports success, and there is none; ${advice}`);
  }
  const fault = await faultOf(initrd, step, installation);
  if (fault !== undefined) {
    const which = isNew
      ? 'the new one is of no use, it'
      : 'update-initramfs reports success and has made none, that there is';
    throw new InputError(`${making}: ${which} ${fault}; ${advice}`);
  }
  if (!isNew)
    installation.warn(`${making}: update-initramfs reports success and has made none; the one that there is stays`);
}
