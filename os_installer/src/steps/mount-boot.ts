import { exists } from '@pxeboot/config/host/files';
import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import type { Site } from '../context.ts';
import { espType } from '../plan/disk-layout.ts';
import type { Command } from './shared/command.ts';
import { commandLines } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { kernelLog } from './shared/hints.ts';
import { efivars, mountCommand } from './shared/mounts.ts';
import { espDirectory, imageEspDirectory } from './shared/waiting.ts';

export interface MountBoot {
  esp: string;
}

type Name = 'esp' | 'dev' | 'proc' | 'sys' | 'run' | 'variables';

/** Mounts the ESP and what programs need that run inside the new system. What the image has at the ESP's place is put aside: a boot loader
 * may be in it. */
export const mountBoot: StepDefinition<MountBoot> = {
  plan: ({ esp }) => ({ esp }),
  describe: ({ esp }) => `mount ${esp} and the kernel's file systems`,
  lines: (step, site) => [
    `(if it holds anything) rename ${site.target}/${espDirectory} to ${imageEspDirectory}`,
    ...commandLines(commandsOf(step, site)),
  ],
  hints: ({ esp }) => [quoteCommand('blkid', ['-p', esp]), kernelLog],

  async run(step, { site, system, run }) {
    const { esp, variables, ...binds } = commandsOf(step, site);
    if ((await system.list(espDirectory)).length > 0) await system.rename(espDirectory, imageEspDirectory);
    await system.makeMountPoint(espDirectory);
    await run(esp);
    for (const [name, bind] of Object.entries(binds)) {
      await system.makeMountPoint(name);
      await run(bind);
    }
    if (await exists(site.efivars)) await run(variables);
  },
};

function commandsOf({ esp }: MountBoot, { target }: Site): Record<Name, Command> {
  return {
    esp: mountCommand(['-t', espType, '-o', 'umask=0077', esp, `${target}/${espDirectory}`]),
    dev: bindCommand('dev', target),
    proc: bindCommand('proc', target),
    sys: bindCommand('sys', target),
    run: bindCommand('run', target),
    variables: bindCommand(efivars, target, 'on a machine with EFI variables'),
  };
}

function bindCommand(directory: string, target: string, only?: string): Command {
  return { ...mountCommand(['-o', 'bind', `/${directory}`, `${target}/${directory}`], only), unlogged: true };
}
