import { readFile } from 'node:fs/promises';

import type { StackEnvironment } from '../contract/environment.ts';
import { paths } from '../contract/paths.ts';
import type { Log } from '../host/log.ts';
import { run } from '../host/run.ts';
import { HostError, InputError } from '../kit/errors.ts';
import { describeFault } from '../kit/fault.ts';
import { configureServices } from './configure.ts';
import { describeMissingCapabilities } from './decide/capabilities.ts';
import { rangeFaults } from './decide/contexts.ts';
import type { OpenFiles } from './decide/open-files.ts';
import { planOpenFiles } from './decide/open-files.ts';
import { describeTakenPorts, parseListeners } from './decide/ports.ts';
import type { InterfaceAddress } from './decide/private-interface.ts';
import { resolvFiles } from './decide/resolvers.ts';
import { createRunDirectories } from './directories.ts';
import { restoreLeases, startLeaseCopier } from './lease-copy.ts';
import { startResolverFollower } from './resolver-file.ts';
import { supervise } from './supervise.ts';
import { startSupervisord } from './supervisord.ts';
import { waitForInterface } from './wait-for-interface.ts';

/** Checks the host, writes the configuration, and runs the services until `stop` is aborted.
 * @throws InputError the container lacks a capability, or the variables do not fit the network   @throws HostError the start or a service fails */
export async function startStack(environment: StackEnvironment, stop: AbortSignal, log: Log): Promise<void> {
  const lacking = describeMissingCapabilities(
    await readFile('/proc/self/status', 'utf8'),
    environment.dhcpRangeV6 !== undefined,
  );
  if (lacking !== undefined) throw new InputError(lacking);
  const place = await waitForInterface(environment, log, stop);
  log.info('private interface found', {
    interface: place.interface,
    address: `${place.address}/${place.prefixLength}`,
  });
  if (place.interface === 'lo')
    log.warn('PROVISIONER_IP is on the loopback interface, where no VM is; it gets HTTP alone');
  const faults = rangeFaults(environment, place);
  if (faults.length > 0) throw new InputError(faults.map(describeFault).join('\n'));

  const { stdout } = await run('ss', ['--no-header', '--numeric', '--listening', '--tcp', '--udp', '--processes'], {
    timeoutMs: 5000,
  });
  const taken = describeTakenPorts(parseListeners(stdout), { ...place, dhcpV6: environment.dhcpRangeV6 !== undefined });
  if (taken.length > 0) throw new HostError(taken.join('\n'));

  const openFiles = planOpenFiles(await readFile('/proc/self/limits', 'utf8'));
  await createRunDirectories();
  const resolvers = await startResolverFollower({ given: resolvFiles, output: paths.resolvers }, place.address, log);
  try {
    await runServices(environment, place, openFiles, stop, log);
  } finally {
    await resolvers.stop();
  }
}

async function runServices(
  environment: StackEnvironment,
  place: InterfaceAddress,
  openFiles: OpenFiles,
  stop: AbortSignal,
  log: Log,
): Promise<void> {
  await configureServices(environment, place, openFiles);
  const leases = { inMemory: paths.dnsmasqLeases, copy: paths.leaseCopy };
  await restoreLeases(leases, log);
  const supervisord = await startSupervisord(paths.supervisordConf, {
    privateInterface: place.interface,
    openFiles: openFiles.limit,
  });
  const copier = startLeaseCopier(leases, log);
  try {
    await supervise(supervisord, stop, log);
  } finally {
    await copier.stop();
  }
}
