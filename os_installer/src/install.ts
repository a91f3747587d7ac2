import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { DiskHints } from '@pxeboot/config/contract/disk-hints';
import type { HardwareFacts } from '@pxeboot/config/contract/hardware-facts';
import { cutFacts } from '@pxeboot/config/contract/hardware-facts';
import type { InstallerConfig } from '@pxeboot/config/contract/installer-config';
import { parseInstallerConfig } from '@pxeboot/config/contract/installer-config';
import { statusBodyLimit } from '@pxeboot/config/contract/status-event';
import type { Log } from '@pxeboot/config/host/log';
import { describeError, HostError, InputError } from '@pxeboot/config/kit/errors';
import { describeFault } from '@pxeboot/config/kit/fault';

import type { Context } from './context.ts';
import { plannedSite } from './context.ts';
import type { Listeners } from './execute.ts';
import { execute } from './execute.ts';
import { fetchText } from './fetch/document.ts';
import { bringUpNetwork } from './network/bring-up.ts';
import type { InstallPlan } from './plan.ts';
import { planForSystem } from './plan-for-system.ts';
import { planInstallation } from './plan.ts';
import type { InstallerCmdline } from './plan/cmdline.ts';
import { parseCmdline } from './plan/cmdline.ts';
import type { InstalledSystem } from './plan/marker.ts';
import { judgeInstalled } from './plan/marker.ts';
import { requireFileSystems } from './probe/file-systems.ts';
import { probeHardwareWithDisk } from './probe/hardware.ts';
import { findInstalled } from './probe/installed-systems.ts';
import { probeSources } from './probe/sources.ts';
import { describePlan } from './report/describe-plan.ts';
import type { FailurePoint } from './report/failure.ts';
import { nextCommands } from './report/failure.ts';
import type { Reporter } from './report/reporter.ts';
import { createReporter } from './report/reporter.ts';
import { runCommand } from './run-command.ts';
import type { Step } from './steps/index.ts';

export interface InstallOptions {
  /** File with the kernel command line. */
  cmdline: string;
  target: string;
  /** Print the plan and change nothing. */
  planOnly: boolean;
  log: Log;
  probes: Probes;
  settleDevices: Context['settleDevices'];
  /** Shows text to people. */
  print(text: string): void;
  /** Keeps the whole plan, with its commands, for whoever looks into the installer's shell. */
  savePlan(text: string): void;
  /** Told where it fails, and what a person is likely to type next. */
  failed(nextCommands: string[]): void;
}

/** What comes before the plan and changes no disk; tests bring their own. */
export interface Probes {
  bringUpNetwork(kernelLine: InstallerCmdline, log: Log): Promise<void>;
  /** @param hints which disk is waited for */
  probeHardware(hints: DiskHints, log: Log): Promise<HardwareFacts>;
  /** @throws InputError the kernel lacks what is going to be mounted */
  requireFileSystems(): Promise<void>;
  /** Complete systems of earlier installations, read without changing anything. */
  findInstalled(disks: HardwareFacts['disks']): Promise<InstalledSystem[]>;
}

/** The machine that this program runs on. */
export const thisMachine: Pick<InstallOptions, 'probes' | 'settleDevices'> = {
  probes: {
    bringUpNetwork,
    probeHardware: (hints, log) => probeHardwareWithDisk(hints, log),
    requireFileSystems: () => requireFileSystems(),
    findInstalled: (disks) => findInstalled(disks),
  },
  settleDevices: async (_disk, settle) => {
    await runCommand(settle);
  },
};

export type Outcome = 'reboot' | 'stay';

const lastReportMs = 15_000;
/** Of a report's body; the rest is for its other fields. */
const mostFactsBytes = statusBodyLimit - 1024;

/** The whole installation: parse, probe, plan, execute, report.
 * @throws InputError the user can mend it; HostError the machine, network or server failed. Both are reported first. */
export async function install(options: InstallOptions): Promise<Outcome> {
  const { cmdline, target, planOnly, log, probes, settleDevices } = options;
  const kernelLine = parseCmdline(await readFile(cmdline, 'utf8'));
  const { configUrl } = kernelLine;
  await telling(options, { kind: 'network' }, () => probes.bringUpNetwork(kernelLine, log));
  const config = await telling(options, { kind: 'config', url: configUrl }, () => fetchConfig(configUrl));
  const reporter = createReporter(planOnly ? '' : config.status_url, log, config.status_token);
  try {
    reporter.report({ step: 'prepare', state: 'started' });
    const plan = await telling(options, { kind: 'plan' }, () => prepare(config, options, reporter));
    if (plan === undefined) return outcomeOf(config);
    if (planOnly) return 'stay';
    reporter.report({ step: 'prepare', state: 'finished' });
    const root = plan.steps.find((step) => step.kind === 'mount-root')?.device ?? '';
    const failed = (step: Step): void => options.failed(nextCommands(step, root));
    const site = { ...plannedSite, target };
    const finished: Listeners['finished'] = (step, context) => followUnpacked(plan, step, options, context);
    await execute(plan.steps, { site, log, settleDevices }, { reporter, failed, finished });
    reporter.report({
      step: 'install',
      state: 'finished',
      message: config.reboot_on_success ? 'rebooting' : 'staying',
      reinstall_token: config.reinstall_token,
    });
    return outcomeOf(config);
  } catch (error) {
    reporter.report({ step: 'install', state: 'failed', message: describeError(error) });
    throw error;
  } finally {
    await reporter.flush(lastReportMs);
  }
}

/** What was unpacked decides what follows. */
async function followUnpacked(
  plan: InstallPlan,
  step: Step,
  { target, savePlan }: InstallOptions,
  { system, warn }: Pick<Context, 'system' | 'warn'>,
): Promise<readonly Step[] | undefined> {
  if (step.kind !== 'unpack') return undefined;
  const changed = await planForSystem(plan, system);
  if (changed === undefined) return undefined;
  const [planned, found] = [plan, changed].map(({ decisions }) => decisions.distro.family);
  warn(
    `the root file system is of the ${found ?? ''} family, the plan was for ${planned ?? ''}: the rest is planned for what it is`,
  );
  savePlan(describePlan(changed, { ...plannedSite, target }));
  return changed.steps;
}

/** Says where it failed before it fails. */
async function telling<T>(options: InstallOptions, point: FailurePoint, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    options.failed(nextCommands(point, ''));
    throw error;
  }
}

/** Everything that comes before the first step and changes nothing.
 * @returns undefined when the installed system stays */
async function prepare(
  config: InstallerConfig,
  options: InstallOptions,
  reporter: Reporter,
): Promise<InstallPlan | undefined> {
  const { log, probes, planOnly, print, target } = options;
  const hardware = await probes.probeHardware(config.disk, log);
  reportHardware(hardware, log, reporter);
  await probes.requireFileSystems();
  if (await isKept(config, hardware, options, reporter)) return undefined;
  const plan = await makePlan(config, hardware);
  log.info('plan', { disk: plan.disk, steps: plan.steps.length });
  const whole = describePlan(plan, { ...plannedSite, target });
  options.savePlan(whole);
  print(planOnly ? whole : describePlan(plan));
  return plan;
}

/** The server learns all of the hardware or none of it: with a part of the disks its plan would be another one than this. */
function reportHardware(hardware: HardwareFacts, log: Log, reporter: Reporter): void {
  const facts = cutFacts(hardware);
  const bytes = Buffer.byteLength(JSON.stringify(facts));
  if (bytes <= mostFactsBytes) {
    reporter.report({ step: 'prepare', state: 'progress', facts });
    return;
  }
  const size = `what ${hardware.disks.length} disks say of themselves has ${bytes} bytes`;
  const reason = `the hardware is not reported: ${size}, and a report takes ${mostFactsBytes}; install.log names each disk`;
  log.warn(reason);
  reporter.report({ step: 'prepare', state: 'progress', message: `warning: ${reason}` });
}

function outcomeOf(config: InstallerConfig): Outcome {
  return config.reboot_on_success ? 'reboot' : 'stay';
}

/** With `install.once`: looks for this VM's own system, and reports it if it stays.
 * @throws HostError whether there is one cannot be found out */
async function isKept(
  config: InstallerConfig,
  { disks }: HardwareFacts,
  { log, probes, print }: InstallOptions,
  reporter: Reporter,
): Promise<boolean> {
  if (!config.once) return false;
  const verdict = judgeInstalled(config, await probes.findInstalled(disks));
  log.info('install.once', { verdict: verdict.kind });
  if (verdict.kind === 'unsure') throw new HostError(verdict.reason);
  if (verdict.kind === 'install') return false;
  const message = `${verdict.disk} holds the system of "${config.vm}" since ${verdict.installedAt}; nothing was touched`;
  print(`already installed: ${message}`);
  const { reinstall_token } = config;
  reporter.report({ step: 'already-installed', state: 'finished', message, reinstall_token });
  return true;
}

async function fetchConfig(url: string): Promise<InstallerConfig> {
  const parsed = parseInstallerConfig(url, await fetchText(url));
  if (parsed.ok) return parsed.value;
  throw new InputError(`read the installer's configuration: ${parsed.faults.map(describeFault).join('; ')}`);
}

async function makePlan(config: InstallerConfig, hardware: HardwareFacts): Promise<InstallPlan> {
  const sources = await probeSources(config);
  const ids = { rootUuid: randomUUID(), espVolumeId: randomBytes(4).toString('hex').toUpperCase() };
  return planInstallation({ config, hardware, sources, ids });
}
