import { stat } from 'node:fs/promises';

import { InputError } from '@pxeboot/config/kit/errors';

import type { Context, Site } from '../context.ts';
import type { InitramfsMaker, InitramfsTools } from '../distro/distro.ts';
import { resumeDevice } from '../distro/resume-device.ts';
import { DamagedInitramfsError, missingModules, UnreadableInitramfsError } from '../initramfs/missing-modules.ts';
import { rootType } from '../plan/disk-layout.ts';
import { modulesFor } from '../probe/drivers.ts';
import type { Command } from './shared/command.ts';
import { commandLines, minutes } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { lookInside } from './shared/hints.ts';
import { builtInModules, modulesPath } from './shared/modules.ts';

export interface Initramfs extends InitramfsTools {
  /** Which the system starts from. */
  disk: string;
  release: string;
  when: 'if-needed' | 'always';
}

/** Makes an initramfs with the new system's own tools, unless there is one that can reach the disk. What cannot be told of one is
 * warned of and stops nothing: there is nobody who could overrule it. Fails with an InputError when there is none, or none of use,
 * and that cannot be helped. */
export const initramfs: StepDefinition<Initramfs> = {
  plan: ({ config, disk, distro, release }) => ({
    disk,
    release,
    when: config.initramfs === 'generate' ? 'always' : 'if-needed',
    ...distro.initramfs(release),
  }),

  describe: ({ disk, when }) =>
    when === 'always'
      ? 'generate the initramfs'
      : `generate the initramfs unless there is a whole one with the drivers of ${disk}`,
  lines: (step, site) => {
    const [usual, ...others] = step.makers;
    const names = others.map(({ program }) => program.name).join(' or ');
    return [
      ...(usual === undefined ? [] : commandLines(commandsOf(step, usual, site))),
      ...(names === '' ? [] : [`(the same with ${names} where there is no ${usual?.program.name ?? ''})`]),
    ];
  },
  hints: ({ release }, root) => lookInside(root, modulesPath(release)),

  async run(step, context) {
    const { system, log } = context;
    const initrd = `/${step.initrd}`;
    const present = await system.hasContent(step.initrd);
    const keepable = present && step.when === 'if-needed';
    const resume = await takeBackResume(step, context);
    const fault = keepable ? (resume ?? (await faultOf(step, context))) : undefined;
    if (keepable && fault === undefined) {
      log.info('initramfs kept', { initrd });
      return;
    }
    if (fault !== undefined) log.warn('the initramfs is of no use; making another', { initrd, reason: `it ${fault}` });
    const maker = await requireMaker(step, fault, context);
    const isNew = await generate(step, maker, present, context);
    await requireUse(isNew, step, maker, context);
  },
};

function commandsOf(
  { disk, release, when }: Initramfs,
  { create, update }: InitramfsMaker,
  { target }: Site,
): Record<'depmod' | 'update' | 'create', Command> {
  return {
    depmod: {
      file: 'chroot',
      args: [target, 'depmod', release],
      timeoutMs: 5 * minutes,
      only: 'if an initramfs is made and the modules have no index',
    },
    update: {
      file: 'chroot',
      args: [target, ...update],
      timeoutMs: 30 * minutes,
      only: when === 'always' ? 'if there is one' : `if there is one that is damaged or lacks drivers of ${disk}`,
    },
    create: {
      file: 'chroot',
      args: [target, ...create],
      timeoutMs: 30 * minutes,
      only: 'if there is none, or that leaves it as it was',
    },
  };
}

/** Settings of the disk that the image was made on are taken back.
 * @returns what is wrong with an initramfs that was made with them, as the end of a sentence about it */
async function takeBackResume({ makers }: Initramfs, { system }: Context): Promise<string | undefined> {
  for (const { settings, resume } of makers) {
    if (resume === undefined || !(await system.has(settings))) continue;
    const files = await Promise.all(
      resume.places.map(async (place) => [place, ...(await system.list(place)).map((name) => `${place}/${name}`)]),
    );
    const texts = await Promise.all(
      files.flat().map(async (path) => ((await system.isFile(path)) ? await system.read(path) : '')),
    );
    const device = texts.flatMap((text) => resumeDevice(text ?? '') ?? [])[0];
    if (device === undefined) continue;
    await system.write(resume.none.path, resume.none.text);
    return `waits for "${device}", a disk that the image was made on`;
  }
  return undefined;
}

/** Why the system could not start from the disk with an initramfs, as the end of a sentence about it; undefined when it could, or
 * when that cannot be told. */
async function faultOf(
  { disk, release, initrd }: Initramfs,
  { site: { sysfs }, system, warn }: Context,
): Promise<string | undefined> {
  const cannotTell = (reason: string): void =>
    warn(`cannot tell whether the initramfs has what the system needs to start from ${disk}: ${reason}`);
  const wanted = await modulesFor(disk, rootType, sysfs);
  try {
    const missing = await missingModules(await system.resolve(initrd), release, wanted);
    if (missing.length === 0) return undefined;
    const builtIn = await builtInModules(system, release);
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

async function requireMaker(
  { release, makers }: Initramfs,
  fault: string | undefined,
  { system }: Context,
): Promise<InitramfsMaker> {
  for (const maker of makers) if (await system.has(maker.program.path)) return maker;
  const names = makers.map(({ program }) => program.name).join(' and no ');
  const packages = makers.map((maker) => maker.program.package).join(' or ');
  const what =
    fault === undefined
      ? `the root file system has none and no ${names}`
      : `that of the root file system ${fault}; and there is no ${names}`;
  throw new InputError(`make an initramfs for kernel ${release}: ${what}; add the package ${packages} to it`);
}

/** A program may pass over an update, as its settings ask, and say that all went well.
 * @returns false when there is nothing new in the end */
async function generate(
  step: Initramfs,
  maker: InitramfsMaker,
  present: boolean,
  { site, system, run }: Context,
): Promise<boolean> {
  const { depmod, create, update } = commandsOf(step, maker, site);
  // A maker may end without it, and an image may lack all of /var; systemd-tmpfiles mends its mode.
  if (!(await system.has('var/tmp'))) await system.makeDirectory('var/tmp', 0o1777);
  if (!(await system.hasContent(`${modulesPath(step.release)}/modules.dep.bin`))) await run(depmod);
  const initrd = await system.resolve(step.initrd);
  const before = await versionOf(initrd);
  if (present) await run(update);
  if ((await versionOf(initrd)) === before) await run(create);
  return (await versionOf(initrd)) !== before;
}

/** What is another after a file was written or replaced; undefined when there is none. */
async function versionOf(path: string): Promise<string | undefined> {
  return stat(path, { bigint: true }).then(
    ({ ino, ctimeNs }) => `${ino} ${ctimeNs}`,
    () => undefined,
  );
}

function advice({ program, settings }: InitramfsMaker): string {
  return (
    `see that the root file system's modules have what is needed, that its ${settings} does not leave it out, and that ` +
    `nothing stands in the place of its ${program.name}`
  );
}

async function requireUse(isNew: boolean, step: Initramfs, maker: InitramfsMaker, context: Context): Promise<void> {
  const { program } = maker;
  const making = `make an initramfs for kernel ${step.release}`;
  if (!(await context.system.hasContent(step.initrd))) {
    throw new InputError(`${making}: ${program.name} reports success, and there is none; ${advice(maker)}`);
  }
  const fault = await faultOf(step, context);
  if (fault !== undefined) {
    const which = isNew
      ? 'the new one is of no use, it'
      : `${program.name} reports success and has made none, that there is`;
    throw new InputError(`${making}: ${which} ${fault}; ${advice(maker)}`);
  }
  if (!isNew) context.warn(`${making}: ${program.name} reports success and has made none; the one that there is stays`);
}
