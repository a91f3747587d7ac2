import { parseEnvironment } from '../contract/environment.ts';
import { createLog } from '../host/log.ts';
import { describeErrorLines, InputError } from '../kit/errors.ts';
import { describeFault } from '../kit/fault.ts';
import { becomeCommand } from './become-command.ts';
import { startStack } from './start.ts';

/** PID 1 of the container: checks, configures, starts supervisord, and decides when all ends. With arguments (`docker run IMAGE sh`) it
 * becomes that command, and checks nothing.
 * Exit status: 0 stopped, 1 the host or a service failed, 2 the environment is wrong. */
async function main(command: readonly string[]): Promise<number> {
  if (command.length > 0) becomeCommand(command);
  const log = createLog('entrypoint');
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info('stopping', { signal });
      stop.abort();
    });
  }
  const environment = parseEnvironment(process.env);
  if (!environment.ok) {
    for (const fault of environment.faults) log.error(describeFault(fault));
    return 2;
  }
  try {
    await startStack(environment.value, stop.signal, log);
    log.info('stopped');
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    for (const line of describeErrorLines(error)) log.error(line);
    return error instanceof InputError ? 2 : 1;
  }
}

void main(process.argv.slice(2)).then((status) => {
  process.exit(status);
});
