import { readdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Arch } from '@pxeboot/config/contract/architecture';

import { ipv6Environment, startContainer, removeContainer } from './container.ts';
import type { LabSettings } from './decide/settings.ts';
import { labSettings, machinesDirectory, vmsDirectory } from './decide/settings.ts';
import { startEngine, stopEngine } from './engine.ts';
import { cacheDirectory } from './image-cache.ts';
import { addIpv6 } from './ipv6.ts';
import { createNamespace, removeNamespace } from './namespace.ts';
import { stopVm } from './vm.ts';

/** This project's lab. */
export function thisLab(hostArch: Arch, name?: string): LabSettings {
  const settings = labSettings(dirname(dirname(import.meta.dirname)), hostArch, name);
  return { ...settings, imageCache: cacheDirectory(process.env) };
}

/** The lab of all end-to-end tests; they follow one another. Two checkouts that test at the same time need two names for theirs,
 * in TEST_LAB. They have been run on x86_64 only. */
export function testLab(): LabSettings {
  return thisLab('x86_64', process.env['TEST_LAB'] ?? 'pxeboot-e2e');
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

/** As `labDown`, and every VM is forgotten: definitions, disks, consoles. */
export async function labReset(lab: LabSettings): Promise<void> {
  await labDown(lab);
  for (const directory of [vmsDirectory(lab), machinesDirectory(lab)]) {
    await rm(directory, { recursive: true, force: true });
  }
}
