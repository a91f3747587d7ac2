import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { InputError } from '@pxeboot/config/kit/errors';
import { exists } from '@pxeboot/config/host/exists';

import { commands, plannedPlace } from '../commands.ts';
import { checkRemote, downloadChecked } from '../fetch/checked.ts';
import type { Installation } from '../installation.ts';
import { runCommand } from '../run-command.ts';
import type { StepOf } from '../steps.ts';
import { hasModulesIndex, indexedModules, modulesPath } from './modules.ts';

/** Puts kernel and modules into the new system, each where it lacks them. The modules are those of the installer's own
 * initrd: it runs the very same kernel. */
export async function installKernel(step: StepOf<'install-kernel'>, installation: Installation): Promise<void> {
  const { target, log } = installation;
  const kernel = join(target, 'boot', `vmlinuz-${step.release}`);
  if (await exists(kernel)) {
    log.info('kernel kept', { kernel });
  } else {
    await mkdir(join(target, 'boot'), { recursive: true });
    await downloadChecked(step.url, kernel, step.sha256, log);
  }
  await copyModules(step, installation);
}

/** The initrd's modules came from the server's archive before there was anything that could check it: the archive is
 * read again for that. */
async function copyModules(step: StepOf<'install-kernel'>, installation: Installation): Promise<void> {
  const { release } = step;
  const { target, log, ownModules } = installation;
  const modules = join(target, modulesPath(release));
  if (await hasModulesIndex(modules)) {
    log.info('modules kept', { modules });
    return;
  }
  const own = join(ownModules, release);
  if (!(await exists(own))) {
    throw new InputError(
      `copy the modules of kernel ${release}: neither the root file system nor modules.cpio.gz has them with their ` +
        'index (modules.dep); use kernel and modules of one version',
    );
  }
  await warnOfLackingModules(own, installation);
  if (step.modules !== undefined) await checkRemote(step.modules.url, step.modules.sha256, log);
  await mkdir(modules, { recursive: true });
  const { copyModules: copy } = commands['install-kernel'](step, { ...plannedPlace, target, ownModules });
  await runCommand(copy, log);
}

/** What an archive lacks that is cut short, the kernel tells its console alone; one may also have been made with an older index. */
async function warnOfLackingModules(own: string, { warn }: Installation): Promise<void> {
  const indexed = await indexedModules(own);
  const present = new Set(await readdir(own, { recursive: true }));
  const lacking = indexed.filter((path) => !present.has(path));
  const [first] = lacking;
  if (first === undefined) return;
  warn(
    `modules.cpio.gz lacks ${lacking.length} of the ${indexed.length} modules that its own index names, such as ${first}; is it whole?`,
  );
}
