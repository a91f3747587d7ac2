import type { TestStack } from './stack.ts';

/** A service's process as the kernel shows it. */
export interface ServiceProcess {
  command: string;
  user: string;
  /** CapPrm of /proc/PID/status: all that it could take on, not only what is in effect (capabilities(7)). */
  capabilities: string;
  noNewPrivileges: boolean;
}

const script = `for process in /proc/[0-9]*; do
  [ -r $process/status ] && [ $process != /proc/$$ ] || continue
  printf '%s|%s|%s|%s|%s\\n' "\${process#/proc/}" "$(stat -c %U $process)" "$(tr '\\0\\n|' '   ' <$process/cmdline)" \
    "$(awk '/^CapPrm/ { print $2 }' $process/status)" "$(awk '/^NoNewPrivs/ { print $2 }' $process/status)"
done`;

interface SeenProcess extends ServiceProcess {
  pid: number;
}

/** Every process of the container, sorted by name; a health check that happens to run is left out. */
export async function processes(stack: TestStack): Promise<ServiceProcess[]> {
  const seen = await seenProcesses(stack);
  return seen
    .filter(({ command }) => command !== 'healthcheck')
    .map(({ command, user, capabilities, noNewPrivileges }) => ({ command, user, capabilities, noNewPrivileges }))
    .sort((a, b) => (a.command < b.command ? -1 : 1));
}

/** The service's main process; nginx's is its master. */
export async function pidOf(stack: Pick<TestStack, 'exec'>, service: string): Promise<number | undefined> {
  const seen = await seenProcesses(stack);
  return seen.find(
    ({ command, user }) => user !== 'root' && (command === service || command === `${service}: master process`),
  )?.pid;
}

async function seenProcesses(stack: Pick<TestStack, 'exec'>): Promise<SeenProcess[]> {
  const output = await stack.exec(['sh', '-c', script]);
  return output.split('\n').map((line) => {
    const [pid = '', user = '', command = '', capabilities = '', noNewPrivileges = ''] = line.split('|');
    return {
      pid: Number(pid),
      user,
      command: serviceName(command.trim()),
      capabilities,
      noNewPrivileges: noNewPrivileges === '1',
    };
  });
}

function serviceName(command: string): string {
  const bundle = /\/opt\/pxeboot\/([\w-]+)\.cjs/.exec(command);
  if (bundle?.[1] !== undefined) return bundle[1];
  const nginx = /^nginx: \w+ process/.exec(command);
  const script = /^\S+\/(?:bash|sh|python3) \S*\/(\w+)/.exec(command);
  return nginx?.[0] ?? script?.[1] ?? command.split(' ')[0] ?? '';
}
