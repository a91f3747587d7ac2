import { copyFile, readFile } from 'node:fs/promises';

import { containerLogs } from '../../../src/container.ts';
import type { FirmwareKind } from '../../../src/decide/qemu-arguments.ts';
import { firmwareOf } from '../../../src/decide/qemu-arguments.ts';
import type { LabSettings } from '../../../src/decide/settings.ts';
import { emulatorFault } from '../../../src/machine-runner.ts';
import { runSsh } from '../../../src/ssh.ts';
import type { NewVm } from '../../../src/vm-files.ts';
import { machinePaths, readDefinition, removeMachine, saveDefinition } from '../../../src/vm-files.ts';
import type { StartOptions } from '../../../src/vm.ts';
import { startDefaults, startVm, stopVm, waitForCloudInit, waitForSsh, waitForSystem } from '../../../src/vm.ts';

export interface InstalledVm {
  name: string;
  mac: string;
  ip: string;
  /** Standard output of a shell command, run as user ubuntu. */
  shell(command: string): Promise<string>;
  reboot(): Promise<void>;
  /** Powers it on again and waits until it lets the key in. */
  start(options: StartOptions): Promise<void>;
  /** Switches it off and on with firmware that has never booted: no boot entry is known.
   * @param kind it keeps what the firmware learns, until it is started with firmware of the other kind */
  startWithBlankFirmware(kind?: FirmwareKind): Promise<void>;
  /** How often QEMU was started for it: once for each time that it was switched on or started again, but not where QEMU's emulator had
   * broken its kernel. */
  powerOns(): Promise<number>;
  /** How often it has asked for an iPXE script. */
  networkBoots(): Promise<number>;
  stop(): Promise<void>;
}

/** Defines a VM with a blank disk, powers it on, and waits until its installed system lets the key in.
 * @param start what is other than usual when it is powered on */
export async function installVm(lab: LabSettings, vm: NewVm, start: Partial<StartOptions> = {}): Promise<InstalledVm> {
  await removeMachine(lab, vm.name);
  await saveDefinition(lab, vm);
  await startVm(lab, vm.name, { ...startDefaults, ...start });
  return installedVm(lab, vm.name);
}

/** Waits until a VM that was powered on has installed itself and lets the key in. */
export async function installedVm(lab: LabSettings, name: string): Promise<InstalledVm> {
  const ip = await waitForSsh(lab, name);
  await waitForCloudInit(lab, name);
  const { mac, arch } = await readDefinition(lab, name);
  const shell = async (command: string): Promise<string> => (await runSsh(lab, ip, command, 120_000)).stdout.trim();

  async function booted(): Promise<void> {
    await waitForSsh(lab, name);
    await waitForCloudInit(lab, name);
  }

  return {
    name,
    mac,
    ip,
    shell,
    async reboot() {
      const before = await shell('cat /proc/sys/kernel/random/boot_id');
      await shell('sudo -n systemctl reboot').catch(() => undefined);
      await waitForSystem(lab, name, `VM "${name}" has booted again`, async () => {
        const now = await shell('cat /proc/sys/kernel/random/boot_id').catch(() => before);
        return now !== before;
      });
      await waitForCloudInit(lab, name);
    },
    async start(options) {
      await startVm(lab, name, options);
      await booted();
    },
    async startWithBlankFirmware(firmware = 'usual') {
      await shell('sync');
      await stopVm(lab, name);
      await copyFile(firmwareOf(arch, firmware).vars, machinePaths(lab, name).firmwareVars);
      await startVm(lab, name, { ...startDefaults, firmware });
      await booted();
    },
    async powerOns() {
      const log = (await readFile(machinePaths(lab, name).runnerLog, 'utf8')).split('\n');
      const starts = log.filter((line) => line.includes('machine starts'));
      return starts.length - log.filter((line) => line.endsWith(`reason=${emulatorFault}`)).length;
    },
    async networkBoots() {
      const lines = (await containerLogs(lab)).split('\n');
      return lines.filter((line) => line.includes('nginx') && line.includes(`/ipxe?mac=${mac}`)).length;
    },
    stop: () => stopVm(lab, name),
  };
}
