import { describeError, InputError } from '@pxeboot/config/kit/errors';

import type { Context, Site } from '../../context.ts';
import { configDirectory, interpreterOf, judgeMerged, readMerged } from '../../plan/cloud-init.ts';
import type { Command } from './command.ts';
import { minutes } from './command.ts';

const program = 'usr/bin/cloud-init';
const mainFile = 'etc/cloud/cloud.cfg';

/** Asks the system's own cloud-init what all its files come to: only it knows how its release merges them. It takes a second natively, and
 * some more in an emulated machine.
 * @throws InputError the definition would not be followed: no one could log in */
export async function checkCloudInit({ system, site, run, warn }: Context): Promise<void> {
  const interpreter = interpreterOf((await system.read(program))?.split('\n', 1)[0] ?? '');
  if (interpreter === undefined || !(await system.hasContent(mainFile))) return;
  const merged = await run(readMergedCommand(interpreter, site)).catch((error: unknown) => {
    warn(`cloud-init does not say what it would do: ${describeError(error)}`);
    return '';
  });
  const verdict = merged === '' ? undefined : judgeMerged(merged);
  if (verdict === undefined) return;
  if (verdict.missingModules.length > 0) {
    warn(
      `cloud_init_modules of the image lacks ${verdict.missingModules.join(' and ')}: the definition's user is not made`,
    );
  }
  if (verdict.wrong.length === 0) return;
  throw new InputError(
    `check the installed system: cloud-init would not follow the definition, it has ${verdict.wrong.join('; ')}; ` +
      `take that out of /${mainFile}, /${configDirectory} and the directory that conf_d names, in the root file system`,
  );
}

/** @param interpreter the words that Python is started with */
export function readMergedCommand(interpreter: readonly string[], { target }: Site, only?: string): Command {
  // -B: leaves no compiled files behind.
  const args = [target, ...interpreter, '-B', '-c', readMerged];
  return { file: 'chroot', args, timeoutMs: 2 * minutes, unlogged: true, ...(only === undefined ? {} : { only }) };
}
