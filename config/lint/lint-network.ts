import { networkInterfaces } from 'node:os';

import type { GivenEnvironment } from '../contract/environment.ts';
import type { LintNetwork } from './rules/vm-addresses.ts';

/** What the container's variables and this machine's interfaces say about the private network.
 * @returns undefined when variables are missing, as outside the container */
export function lintNetworkOf(environment: GivenEnvironment): LintNetwork | undefined {
  const { dhcpRangeStart, dhcpRangeEnd, provisionerIp, dhcpRangeV6 } = environment;
  if (dhcpRangeStart === undefined || dhcpRangeEnd === undefined || provisionerIp === undefined) return undefined;
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
