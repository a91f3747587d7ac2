import { paths } from '@pxeboot/config/contract/paths';
import { createProgram } from '@pxeboot/config/host/program';

export interface Options {
  vmsDir: string;
  outDir: string;
  dnsmasqPidFile: string;
  leasesFile: string;
  /** Where dnsmasq serves; undefined: the interface whose network holds the lease's address. */
  networkInterface: string | undefined;
}

interface Flags {
  vms: string;
  out: string;
  dnsmasqPid: string;
  leases: string;
  interface?: string;
}

/** Reads the command line; a wrong one ends the program with status 2, `--help` with 0.
 * @param args without the names of Node and of the program */
export function parseOptions(args: readonly string[]): Options {
  const flags = createProgram(
    'vm_watcher',
    "Watches the VM definitions and keeps dnsmasq's hosts files, its leases and the published state equal to them.",
    {
      0: 'stopped by SIGTERM or SIGINT',
      1: 'the published state of an earlier run cannot be read',
      2: 'the command line, or a setting in the environment, is wrong',
    },
  )
    .option('--vms <dir>', 'directory of the VM definitions', paths.vms)
    .option('--out <dir>', 'directory of the files that it writes', paths.watcherOut)
    .option('--dnsmasq-pid <file>', 'pid file of the dnsmasq that reads them', paths.dnsmasqPid)
    .option('--leases <file>', "dnsmasq's leases", paths.dnsmasqLeases)
    .option('--interface <if>', 'where dnsmasq serves (default: whose network holds the address of the lease)')
    .parse(args, { from: 'user' })
    .opts<Flags>();
  return {
    vmsDir: flags.vms,
    outDir: flags.out,
    dnsmasqPidFile: flags.dnsmasqPid,
    leasesFile: flags.leases,
    networkInterface: flags.interface,
  };
}
