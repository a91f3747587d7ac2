import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';

import { createLog } from '@pxeboot/config/host/log';
import { createProgram } from '@pxeboot/config/host/program';
import { describeError, InputError } from '@pxeboot/config/kit/errors';

import { install, thisMachine } from './install.ts';
import { describeFailure } from './report/failure.ts';

const logDirectory = '/run/os-installer';
/** init(8) of the initrd reads these. */
const exitStatus = { reboot: 0, stay: 10, hostError: 1, inputError: 2 };

interface Flags {
  plan?: boolean;
  cmdline: string;
  target: string;
}

const program = createProgram(
  'os-installer',
  'Installs the operating system that the boot server configures for this machine.',
  {
    [exitStatus.reboot]: 'installed, now or before; the machine is to be restarted; or the plan was printed',
    [exitStatus.hostError]: 'the machine or the network failed',
    [exitStatus.inputError]: 'what the server or the command line asks for is wrong',
    [exitStatus.stay]: 'installed, now or before; the machine is to stay as it is',
  },
)
  .option('--plan', 'print what would be done, and touch nothing')
  .option('--cmdline <file>', 'file with the kernel command line', '/proc/cmdline')
  .option('--target <directory>', 'mount point of the new system', '/mnt/target')
  .version(process.versions.node, '--node-version', 'print the version of Node inside');

function write(line: string): void {
  process.stdout.write(`${line}\n`);
  appendFileSync(`${logDirectory}/install.log`, `${line}\n`);
}

function savePlan(text: string): void {
  writeFileSync(`${logDirectory}/plan.txt`, text);
}

async function main(): Promise<number> {
  const flags = program.parse().opts<Flags>();
  mkdirSync(logDirectory, { recursive: true });
  const log = createLog('os_installer', write);
  let next: string[] = [];
  const failed = (nextCommands: string[]): void => {
    next = nextCommands;
  };
  try {
    const { cmdline, target, plan: planOnly = false } = flags;
    const outcome = await install({
      cmdline,
      target,
      planOnly,
      log,
      ...thisMachine,
      print: write,
      savePlan,
      failed,
    });
    return planOnly ? 0 : exitStatus[outcome];
  } catch (error) {
    log.error('installation failed', { reason: describeError(error) });
    write(describeFailure(describeError(error), logDirectory, next));
    return error instanceof InputError ? exitStatus.inputError : exitStatus.hostError;
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`os-installer: ${describeError(error)}\n`);
    process.exit(exitStatus.hostError);
  },
);
