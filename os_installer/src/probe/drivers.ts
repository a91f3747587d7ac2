import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { exists } from '@pxeboot/config/host/files';

import { devicesUpFrom } from './parse/sysfs.ts';

/** The modules that the running kernel reaches a disk by, with that of a file system: drivers of the disk and of all that it hangs
 * on. What is built into the kernel is not among them.
 * @param sysfs where the kernel shows its devices */
export async function modulesFor(disk: string, fileSystem: string, sysfs: string): Promise<string[]> {
  const places = await devicePlaces(join(sysfs, 'class/block', basename(disk), 'device'));
  const root = join(await realpath(sysfs), 'devices');
  const devices = new Set(places.flatMap((place) => devicesUpFrom(place, root)));
  const drivers = await Promise.all([...devices].map(moduleOfDriver));
  const names = new Set([...drivers.filter((name) => name !== undefined), fileSystem]);
  const loaded = await Promise.all([...names].map(async (name) => ((await isLoaded(name, sysfs)) ? [name] : [])));
  return loaded.flat().sort();
}

/** A disk with several NVMe controllers hangs on a subsystem, which is no real device and has a link to each of them. */
async function devicePlaces(device: string): Promise<string[]> {
  const place = await realpath(device).catch(() => undefined);
  if (place === undefined) return [];
  if (basename(dirname(place)) !== 'nvme-subsystem') return [place];
  const controllers = (await readdir(place)).filter((name) => /^nvme\d+$/.test(name));
  return Promise.all(controllers.map((name) => realpath(join(place, name))));
}

async function moduleOfDriver(device: string): Promise<string | undefined> {
  return realpath(join(device, 'driver/module')).then(
    (path) => basename(path),
    () => undefined,
  );
}

/** Only modules that were loaded have a state: those that are built in are shown by their parameters, if at all. */
async function isLoaded(name: string, sysfs: string): Promise<boolean> {
  return exists(join(sysfs, 'module', name, 'initstate'));
}
