import { givenEnvironment } from '@pxeboot/config/contract/environment';
import { readAddressConflicts } from '@pxeboot/config/definitions/read/address-conflicts-file';
import { createImageStore } from '@pxeboot/config/definitions/read/image-files';
import { createPublishedImagesReader } from '@pxeboot/config/definitions/read/published-images-file';
import { createLog } from '@pxeboot/config/host/log';
import { describeError, describeErrorLines, InputError } from '@pxeboot/config/kit/errors';
import { lintNetworkOf } from '@pxeboot/config/lint/lint-network';

import { createAccess } from './access/access.ts';
import { createFactsReader } from './access/address-facts.ts';
import { readOrMakeStatusKey } from './access/status-key.ts';
import { createApp } from './app.ts';
import { parseOptions } from './handler-options.ts';
import { listen, stop } from './http/listen.ts';
import { createStatusStore } from './status/status-store.ts';
import { loadTemplates } from './templates.ts';
import { createLinter } from './vms/linter.ts';
import { createVmStore } from './vms/vm-store.ts';

const log = createLog('boot_handler');
const graceMs = 500;

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const environment = givenEnvironment(process.env);
  const inspected = createPublishedImagesReader(options.inspectedFile, (error) =>
    log.warn('inspected images not used', { reason: describeError(error) }),
  );
  const images = createImageStore(options.imagesDir, inspected.find);
  const access = createAccess({
    facts: createFactsReader({
      leasesFile: options.leasesFile,
      neighboursFile: '/proc/net/arp',
      privateInterface: environment.pxeInterface,
      provisionerIp: environment.provisionerIp,
    }),
    adminFrom: environment.adminFrom ?? [],
    statusKey: await readOrMakeStatusKey(options.statusKeyFile, (error) =>
      log.warn('status key not kept', { reason: describeError(error) }),
    ),
  });
  const services = {
    access,
    vms: createVmStore({ vmsDir: options.vmsDir, stateFile: options.stateFile, log }),
    images,
    inspected,
    lint: createLinter({
      vmsDir: options.vmsDir,
      stateFile: options.stateFile,
      images,
      network: () => lintNetworkOf(environment),
    }),
    conflicts: () => readAddressConflicts(options.stateFile),
    statuses: createStatusStore(() => new Date()),
    templates: await loadTemplates(options.templatesDir),
    vmsDir: options.vmsDir,
    imagesDir: options.imagesDir,
    log,
  };
  const server = await listen(createApp(services), options.address);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info('stopping', { signal });
      void stop(server, graceMs).then(() => process.exit(0));
    });
  }
  log.info('listening', { ...options.address, vms: options.vmsDir });
}

main().catch((error: unknown) => {
  for (const reason of describeErrorLines(error)) log.error('cannot start', { reason });
  process.exit(error instanceof InputError ? 2 : 1);
});
