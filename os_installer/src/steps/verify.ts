import { architectures } from '@pxeboot/config/contract/architecture';
import { HostError } from '@pxeboot/config/kit/errors';

import { blsDirectory } from '../distro/bls-entry.ts';
import { kernelCmdlinePath } from '../distro/kernel-cmdline.ts';
import { seedDirectory } from '../plan/cloud-init.ts';
import { requireInit, requireOurRoot } from './shared/check-boot.ts';
import { checkCloudInit, readMergedCommand } from './shared/check-cloud-init.ts';
import { commandLines } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { lookInside } from './shared/hints.ts';
import { hasModulesIndex, modulesPath } from './shared/modules.ts';
import { waitingDirectory } from './shared/waiting.ts';

export interface Verify {
  release: string;
  removableLoader: string;
  /** Paths in the new system, without their first slash: what tells the boot loader which kernel to start. */
  bootFiles: string[];
  rootUuid: string;
  kernel: string;
  initrd: string;
}

/** Reads back what the firmware, GRUB, the kernel and cloud-init will look for. Fails when something is missing or empty. */
export const verify: StepDefinition<Verify> = {
  plan: ({ config, distro, ids, release }) => ({
    rootUuid: ids.rootUuid,
    release,
    removableLoader: architectures[config.arch].removableLoader,
    bootFiles: [`${distro.grub.directory}/grub.cfg`],
    kernel: distro.kernelPath(release),
    initrd: distro.initramfs(release).initrd,
  }),

  describe: () => 'check the installed system',
  lines: (_step, site) => commandLines({ readMerged: readMergedCommand(['PYTHON'], site, 'if there is cloud-init') }),
  hints: ({ initrd }, root) => lookInside(root, initrd),

  async run(step, context) {
    const { system } = context;
    const needed = [
      `${waitingDirectory}/EFI/BOOT/${step.removableLoader}`,
      ...step.bootFiles,
      step.kernel,
      step.initrd,
      `${seedDirectory}/meta-data`,
      'etc/fstab',
    ];
    for (const path of needed) {
      if (!(await system.hasContent(path))) {
        throw new HostError(`check the installed system: "/${path}" is missing or empty`);
      }
    }
    const modules = modulesPath(step.release);
    if (!(await hasModulesIndex(system, step.release))) {
      throw new HostError(
        `check the installed system: "/${modules}/modules.dep" is missing or empty, so no module of the kernel would load; ` +
          'put the modules of that kernel into the root file system, or take them out whole',
      );
    }
    if (!(await system.has('etc/machine-id')))
      throw new HostError('check the installed system: "/etc/machine-id" is missing');
    await requireInit(system);
    await requireOurRoot(
      { ...step, bootFiles: [...step.bootFiles, `${blsDirectory}/*.conf`, kernelCmdlinePath] },
      system,
    );
    await checkCloudInit(context);
  },
};
