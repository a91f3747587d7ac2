import { networkInterfaces } from 'node:os';

import { parseEnvironment } from '../contract/environment.ts';
import type { LintNetwork } from './rules/vm-addresses.ts';

/** What the container's variables and this machine's interfaces say about the private network.
 * @returns undefined when the variables are not there or wrong, as outside the container */
export function lintNetworkOf(env: Record<string, string | undefined>): LintNetwork | undefined {
  const environment = parseEnvironment(env);
  if (!environment.ok) return undefined;
  const { dhcpRangeStart, dhcpRangeEnd, provisionerIp, dhcpRangeV6 } = environment.value;
  const carried = Object.values(networkInterfaces()).find((all) =>
    all?.some(({ address }) => address === provisionerIp),
  );
  const own = carried?.find(({ address }) => address === provisionerIp);
  return {
    dhcpRangeStart,
    dhcpRangeEnd,
    cidr: own?.cidr ?? undefined,
    cidrsV6: carried?.flatMap(({ cidr, family, scopeid }) => {
      const usable = cidr !== null && family === 'IPv6' && scopeid === 0;
      return usable ? [cidr] : [];
    }),
    dhcpV6: dhcpRangeV6 !== undefined,
  };
}
