import { networkInterfaces } from 'node:os';

import { parseEnvironment } from './environment.ts';
import type { LintNetwork } from './lint/addresses.ts';

/** What the container's variables and this machine's interfaces say about the private network.
 * @returns undefined when the variables are not there or wrong, as outside the container */
export function lintNetworkOf(env: Record<string, string | undefined>): LintNetwork | undefined {
  const environment = parseEnvironment(env);
  if (!environment.ok) return undefined;
  const { dhcpRangeStart, dhcpRangeEnd, provisionerIp } = environment.value;
  const addresses = Object.values(networkInterfaces()).flatMap((carried) => carried ?? []);
  const own = addresses.find(({ address }) => address === provisionerIp);
  return { dhcpRangeStart, dhcpRangeEnd, cidr: own?.cidr ?? undefined };
}
