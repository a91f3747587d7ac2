import { readdir } from 'node:fs/promises';

import { exists, readIfThere } from '@pxeboot/config/host/files';
import { InputError } from '@pxeboot/config/kit/errors';

import type { Context, Site } from '../context.ts';
import { checkRemote, downloadChecked } from '../fetch/checked.ts';
import type { Command } from './shared/command.ts';
import { commandLines, minutes } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { fetchAgain } from './shared/hints.ts';
import { hasModulesIndex, indexedModules, modulesPath } from './shared/modules.ts';

export interface InstallKernel {
  url: string;
  release: string;
  /** Path in the new system, without its first slash. */
  kernel: string;
  sha256?: string;
  /** Checked when the initrd's modules are copied. */
  modules?: { url: string; sha256: string };
}

/** Puts kernel and modules into the new system, each where it lacks them. The modules are those of the installer's own
 * initrd: it runs the very same kernel. */
export const installKernel: StepDefinition<InstallKernel> = {
  plan: ({ config, distro, release, sums }) => ({
    url: config.kernel_url,
    release,
    kernel: distro.kernelPath(release),
    ...(sums.kernel === undefined ? {} : { sha256: sums.kernel }),
    ...(sums.modules === undefined ? {} : { modules: { url: config.kmods_url, sha256: sums.modules } }),
  }),

  describe: ({ release }) => `install kernel ${release}`,
  lines: (step, site) => [...downloads(step, site), ...commandLines({ copy: copyCommand(step, site) })],
  hints: ({ url }) => [fetchAgain(url), 'ls /lib/modules'],

  async run(step, context) {
    const { system, log, read } = context;
    const { kernel } = step;
    if (await system.has(kernel)) log.info('kernel kept', { kernel: `/${kernel}` });
    else await downloadChecked(step.url, await system.place(kernel), step.sha256, read);
    await copyModules(step, context);
  },
};

function downloads({ url, kernel, modules }: InstallKernel, { target }: Site): string[] {
  return [
    `(if the root file system lacks it) fetch ${url} > ${target}/${kernel}`,
    ...(modules === undefined
      ? []
      : [`(if the root file system lacks the modules or their index) fetch ${modules.url} | sha256sum`]),
  ];
}

/** @param destination where the system's own links lead; before an installation they are not known */
function copyCommand(
  { release }: InstallKernel,
  { target, ownModules }: Site,
  destination = `${target}/${modulesPath(release)}`,
): Command {
  return {
    file: 'cp',
    args: ['-a', `${ownModules}/${release}/.`, destination],
    timeoutMs: 5 * minutes,
    only: 'if the root file system lacks the modules or their index',
  };
}

/** The initrd's modules came from the server's archive before there was anything that could check it: the archive is
 * read again for that. */
async function copyModules(step: InstallKernel, context: Context): Promise<void> {
  const { release } = step;
  const { site, system, log, read, run } = context;
  if (await hasModulesIndex(system, release)) {
    log.info('modules kept', { modules: `/${modulesPath(release)}` });
    return;
  }
  const own = `${site.ownModules}/${release}`;
  if (!(await exists(own))) {
    throw new InputError(
      `copy the modules of kernel ${release}: neither the root file system nor modules.cpio.gz has them with their ` +
        'index (modules.dep); use kernel and modules of one version',
    );
  }
  await warnOfLackingModules(own, context);
  if (step.modules !== undefined) await checkRemote(step.modules.url, step.modules.sha256, read);
  await run(copyCommand(step, site, await system.makeDirectory(modulesPath(release))));
}

/** What an archive lacks that is cut short, the kernel tells its console alone; one may also have been made with an older index. */
async function warnOfLackingModules(own: string, { warn }: Context): Promise<void> {
  const indexed = indexedModules((await readIfThere(`${own}/modules.dep`)) ?? '');
  const present = new Set(await readdir(own, { recursive: true }));
  const lacking = indexed.filter((path) => !present.has(path));
  const [first] = lacking;
  if (first === undefined) return;
  warn(
    `modules.cpio.gz lacks ${lacking.length} of the ${indexed.length} modules that its own index names, such as ${first}; is it whole?`,
  );
}
