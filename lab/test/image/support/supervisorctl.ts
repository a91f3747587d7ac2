import type { TestStack } from './stack.ts';

/** supervisorctl(1) takes its settings from the command line, but wants a file with its section all the same. The password is made at
 * each start of the container: root finds it where supervisord has it. */
const script = `password=$(tr '\\0' '\\n' </proc/$(cat /run/pxeboot/supervisord.pid)/environ | sed -n 's/^SUPERVISOR_PASSWORD=//p')
echo '[supervisorctl]' | supervisorctl --configuration /dev/stdin --serverurl unix:///run/pxeboot/supervisor.sock \
  --username entrypoint --password "$password" "$1" "pxeboot:$2"`;

/** Ends a service, or starts one that was ended so; supervisord leaves it in that state. Returns when it is done. */
export async function superviseService(
  container: Pick<TestStack, 'exec'>,
  action: 'stop' | 'start',
  service: string,
): Promise<void> {
  await container.exec(['sh', '-c', script, 'supervisorctl', action, service]);
}
