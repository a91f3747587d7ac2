import { Command } from 'commander';

/** The exit status of every program for a wrong command line, as for everything else that its user can mend. */
const wrongUsage = 2;

/** A program's command line, for its main file to add options and commands to. `--help` prints all of it, with status 0; what is
 * wrong is named on standard error with a hint, and ends the program with status 2. Commands that are added inherit how errors
 * are told, and the hint names the program.
 * @param exitStatuses what each status of the program means; one line each in the help */
export function createProgram(
  name: string,
  description: string,
  exitStatuses: Readonly<Record<number, string>>,
): Command {
  const lines = Object.entries(exitStatuses).map(([status, meaning]) => `  ${status.padEnd(3)} ${meaning}`);
  return new Command(name)
    .description(description)
    .addHelpText('after', ['\nExit status:', ...lines].join('\n'))
    .showHelpAfterError(`\nUsage: ${name} --help shows it`)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : wrongUsage));
}
