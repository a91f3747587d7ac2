import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Arch } from '@pxeboot/config/architecture';

import { ipv6Environment, startContainer, removeContainer } from './container.ts';
import { startEngine, stopEngine } from './engine.ts';
import { addIpv6 } from './ipv6.ts';
import { createNamespace, removeNamespace } from './namespace.ts';
import type { LabSettings } from './settings.ts';
import { labSettings } from './settings.ts';
import { stopVm } from './vm.ts';

/** This project's lab. */
export function thisLab(hostArch: Arch, name?: string): LabSettings {
  return labSettings(dirname(dirname(import.meta.dirname)), hostArch, name);
}

/** Namespace, bridge, engine, container; what is up already stays, the container is started anew. */
export async function labUp(lab: LabSettings, options: { ipv6?: boolean } = {}): Promise<void> {
  await createNamespace(lab);
  if (options.ipv6 === true) await addIpv6(lab);
  await startEngine(lab);
  await startContainer(lab, options.ipv6 === true ? { env: ipv6Environment } : {});
}

/** Ends whatever of the lab is there, also after a crash. Disks, definitions and images stay. */
export async function labDown(lab: LabSettings): Promise<void> {
  const files = await readdir(lab.runtime).catch(() => []);
  const vms = files.filter((file) => file.endsWith('.pid') && file !== 'docker.pid').map((file) => file.slice(0, -4));
  for (const vm of vms) await stopVm(lab, vm);
  await removeContainer(lab);
  await stopEngine(lab);
  await removeNamespace(lab);
  await rm(lab.runtime, { recursive: true, force: true });
}

export async function removeState(lab: LabSettings): Promise<void> {
  await rm(join(lab.state), { recursive: true, force: true });
}
