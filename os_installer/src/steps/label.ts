import type { Site } from '../context.ts';
import { askedMode, autorelabel, selinuxConfig, selinuxPolicy, setfilesPaths, withMode } from '../distro/selinux.ts';
import type { Command } from './shared/command.ts';
import { commandLines, minutes } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { lookInside } from './shared/hints.ts';

export interface Label {
  kernelArgs: readonly string[];
}

/** Gives all files of a system with SELinux their labels: tarballs seldom keep them, and what the installer wrote has none. The system's own
 * setfiles does it by the policy that it will load; where that is missing or fails, the system is asked to do it at its first boot. */
export const label: StepDefinition<Label> = {
  plan: ({ kernelArgs }) => ({ kernelArgs }),
  describe: () => 'label all files if the system has SELinux',
  lines: ({ kernelArgs }, site) => [
    ...modeLines(kernelArgs, site),
    ...commandLines({ setfiles: setfiles('file_contexts', site, 'if the system has SELinux and setfiles') }),
    `(if it has no setfiles, or that fails) write ${site.target}/${autorelabel}`,
  ],
  hints: (_step, root) => lookInside(root, selinuxConfig),

  async run({ kernelArgs }, { system, site, run, warn, log }) {
    const asked = askedMode(kernelArgs);
    const found = await system.read(selinuxConfig);
    if (found === undefined) {
      if (asked !== undefined) {
        warn(
          `SELinux is to be ${asked}, and the root file system has none: "/${selinuxConfig}" is missing; its kernel starts without AppArmor too`,
        );
      }
      return;
    }
    const config = asked === undefined ? found : withMode(found, asked);
    if (config !== found) await system.write(selinuxConfig, config);
    const policy = selinuxPolicy(config, kernelArgs);
    if (policy === undefined) return;
    const programs = await Promise.all(setfilesPaths.map((path) => system.has(path)));
    if (programs.includes(true) && (await system.hasContent(policy.fileContexts))) {
      try {
        await run(setfiles(policy.fileContexts, site));
        return;
      } catch (error) {
        log.warn('setfiles of the root file system failed', { reason: String(error) });
      }
    }
    await system.write(autorelabel, '');
    warn(
      'the files could not be labelled for SELinux; the system is asked to do it at its first boot, and restarts then',
    );
  },
};

function modeLines(kernelArgs: readonly string[], { target }: Site): string[] {
  const mode = askedMode(kernelArgs);
  return mode === undefined
    ? []
    : [`(if the system has SELinux) write SELINUX=${mode} into ${target}/${selinuxConfig}`];
}

/** Labels the kernel's own file systems not at all. It needs /proc, and no SELinux in this kernel: 20,727 files took 0.4 s.
 * @see setfiles(8) */
function setfiles(fileContexts: string, { target }: Site, only?: string): Command {
  const excluded = ['/proc', '/sys', '/dev', '/run', '/boot/efi'].flatMap((directory) => ['-e', directory]);
  return {
    file: 'chroot',
    args: [target, 'setfiles', '-m', '-F', ...excluded, `/${fileContexts}`, '/'],
    timeoutMs: 30 * minutes,
    ...(only === undefined ? {} : { only }),
  };
}
