import { startContainer } from './container.ts';
import { ensureEngine, stopEngine } from './engine.ts';
import { listMachines, stopMachine } from './machine.ts';
import { ensureNetwork, networkIsUp, removeNetwork } from './network.ts';
import type { LabSettings } from './settings.ts';

/** Namespace, bridge, engine, container; what is up already stays, the container is started anew.
 * @returns the container's command line */
export async function labUp(settings: LabSettings): Promise<string> {
  await ensureNetwork(settings);
  await ensureEngine(settings);
  return startContainer(settings);
}

/** Ends whatever of the lab is there, also after a crash. Disks, definitions and images stay. */
export async function labDown(settings: LabSettings): Promise<void> {
  if (networkIsUp(settings)) {
    for (const name of await listMachines(settings)) await stopMachine(settings, name);
  }
  await stopEngine(settings);
  await removeNetwork(settings);
}
