import type { Site } from '../context.ts';
import type { Command } from './shared/command.ts';
import { commandLines, minutes } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { kernelLog } from './shared/hints.ts';
import { efivars, unmountAll, unmountCommand } from './shared/mounts.ts';

/** Ends the work in the new system: writes everything out, then unmounts it. */
export const unmount: StepDefinition<object> = {
  plan: () => ({}),
  describe: () => 'write everything out and unmount',
  lines: (_step, site) => commandLines({ writeOut: writeOut(site), ...unmountCommands(site) }),
  hints: () => ['cat /proc/mounts', kernelLog],

  async run(_step, { site, run }) {
    await run(writeOut(site));
    await unmountAll(site.target, run);
  },
};

/** What could not be written is told by sync alone: umount(8) succeeds all the same. */
function writeOut({ target }: Site): Command {
  return { file: 'sync', args: ['-f', target, `${target}/boot/efi`], timeoutMs: 30 * minutes };
}

/** What `unmountAll` finds to unmount. */
function unmountCommands({ target }: Site): Record<string, Command> {
  const points = [efivars, 'run', 'sys', 'proc', 'dev', 'boot/efi', ''].map((name) =>
    `${target}/${name}`.replace(/\/$/, ''),
  );
  return Object.fromEntries(points.map((point) => [point, unmountCommand(point)]));
}
