import { parseArgs } from 'node:util';

import { InputError } from '@pxeboot/config/kit/errors';
import { paths } from '@pxeboot/config/contract/paths';

export interface Options {
  vmsDir: string;
  outDir: string;
  dnsmasqPidFile: string;
  leasesFile: string;
  /** Where dnsmasq serves; undefined: the interface whose network holds the lease's address. */
  networkInterface: string | undefined;
}

const usage = 'vm_watcher [--vms DIR] [--out DIR] [--dnsmasq-pid FILE] [--leases FILE] [--interface IF]';

/** @throws InputError the command line is wrong; the message holds the usage */
export function parseOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        vms: { type: 'string', default: paths.vms },
        out: { type: 'string', default: paths.watcherOut },
        'dnsmasq-pid': { type: 'string', default: paths.dnsmasqPid },
        leases: { type: 'string', default: paths.dnsmasqLeases },
        interface: { type: 'string' },
      },
    });
    return {
      vmsDir: values.vms,
      outDir: values.out,
      dnsmasqPidFile: values['dnsmasq-pid'],
      leasesFile: values.leases,
      networkInterface: values.interface,
    };
  } catch (cause) {
    throw new InputError(`read the command line; usage: ${usage}`, { cause });
  }
}
