import { relative } from 'node:path';

/** Entries of a fakeRoot: the driver of a device, with its module. */
export function driver(device: string, bus: string, name: string, module: string): Record<string, string> {
  const directory = `sys/bus/${bus}/drivers/${name}`;
  return {
    [`${device}/driver`]: `-> ${relative(device, directory)}`,
    [`${directory}/module`]: `-> ${relative(directory, `sys/module/${module}`)}`,
  };
}

/** Entries of a fakeRoot: modules that were loaded, as opposed to built in. */
export function loaded(...modules: string[]): Record<string, string> {
  return Object.fromEntries(modules.map((name) => [`sys/module/${name}/initstate`, 'live\n']));
}

const controller = 'sys/devices/pci0000:00/0000:00:04.0';

/** Entries of a fakeRoot: the disk nvme0n1, with its driver. */
export const nvmeDisk = {
  'sys/class/block/nvme0n1': `-> ../../../${controller}/nvme/nvme0/nvme0n1`,
  [`${controller}/nvme/nvme0/nvme0n1/device`]: '-> ../../nvme0',
  ...driver(controller, 'pci', 'nvme', 'nvme'),
};
