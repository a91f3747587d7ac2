import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { describeError, InputError } from '@pxeboot/config/errors';
import type { InstallerConfig } from '@pxeboot/config/installer-config';
import { parseInstallerConfig } from '@pxeboot/config/installer-config';
import type { Log } from '@pxeboot/config/log';
import { describeFault } from '@pxeboot/config/result';

import { parseCmdline } from './cmdline.ts';
import { describePlan } from './describe.ts';
import { execute } from './execute.ts';
import { settleUdev } from './executors/partition.ts';
import { fetchText } from './fetch/document.ts';
import { bringUpNetwork } from './network.ts';
import type { InstallPlan } from './plan.ts';
import { planInstallation } from './plan.ts';
import { probeHardware } from './probe-hardware.ts';
import { probeSources } from './probe-sources.ts';
import { createReporter } from './reporter.ts';

export interface InstallOptions {
  /** File with the kernel command line. */
  cmdline: string;
  target: string;
  /** Print the plan and change nothing. */
  planOnly: boolean;
  log: Log;
  /** Shows text to people. */
  print(text: string): void;
}

export type Outcome = 'reboot' | 'stay';

const lastReportMs = 15_000;

/** The whole installation: parse, probe, plan, execute, report.
 * @throws InputError the user can mend it; HostError the machine, network or server failed. Both are reported first. */
export async function install({ cmdline, target, planOnly, log, print }: InstallOptions): Promise<Outcome> {
  const kernelLine = parseCmdline(await readFile(cmdline, 'utf8'));
  await bringUpNetwork(kernelLine, log);
  const config = await fetchConfig(kernelLine.configUrl);
  const reporter = createReporter(planOnly ? '' : config.status_url, log);
  try {
    reporter.report({ step: 'prepare', state: 'started' });
    const hardware = await probeHardware();
    reporter.report({ step: 'prepare', state: 'progress', facts: { ...hardware } });
    const plan = await makePlan(config, hardware);
    log.info('plan', { disk: plan.disk, steps: plan.steps.length });
    print(describePlan(plan));
    if (planOnly) return 'stay';
    reporter.report({ step: 'prepare', state: 'finished' });
    await execute(plan.steps, { target, log, reporter, ownModules: '/lib/modules', settleDevices: settleUdev });
    reporter.report({
      step: 'install',
      state: 'finished',
      message: config.reboot_on_success ? 'rebooting' : 'staying',
    });
    return config.reboot_on_success ? 'reboot' : 'stay';
  } catch (error) {
    reporter.report({ step: 'install', state: 'failed', message: describeError(error) });
    throw error;
  } finally {
    await reporter.flush(lastReportMs);
  }
}

async function fetchConfig(url: string): Promise<InstallerConfig> {
  const parsed = parseInstallerConfig(url, await fetchText(url));
  if (parsed.ok) return parsed.value;
  throw new InputError(`read the installer's configuration: ${parsed.faults.map(describeFault).join('; ')}`);
}

async function makePlan(
  config: InstallerConfig,
  hardware: Awaited<ReturnType<typeof probeHardware>>,
): Promise<InstallPlan> {
  const sources = await probeSources(config);
  const ids = { rootUuid: randomUUID(), espVolumeId: randomBytes(4).toString('hex').toUpperCase() };
  return planInstallation({ config, hardware, sources, ids });
}
