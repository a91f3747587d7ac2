import { join } from 'node:path';

/** Where one lab lives. Labs with different names and state directories do not touch one another. */
export interface LabSettings {
  /** Top of the checkout. */
  project: string;
  /** Everything the lab writes, except images. */
  stateDir: string;
  imagesDir: string;
  /** Network namespace, container and run directory carry this name. */
  name: string;
  bridge: string;
  provisionerIp: string;
  prefixLength: number;
  subnet: string;
  rangeStart: string;
  rangeEnd: string;
  tarball: string;
}

export function labSettings(project: string, changes: Partial<LabSettings> = {}): LabSettings {
  return {
    project,
    stateDir: join(project, '.lab'),
    imagesDir: join(project, 'images'),
    name: 'pxeboot-lab',
    bridge: 'pxe0',
    provisionerIp: '192.168.88.1',
    prefixLength: 24,
    subnet: '192.168.88.0/24',
    rangeStart: '192.168.88.100',
    rangeEnd: '192.168.88.200',
    tarball: join(project, `pxeboot_stack_${process.arch === 'arm64' ? 'arm64' : 'amd64'}.tar`),
    ...changes,
  };
}

export function labPaths(
  settings: LabSettings,
): Record<'vms' | 'machines' | 'logs' | 'engine' | 'run' | 'key', string> {
  return {
    vms: join(settings.stateDir, 'vms'),
    machines: join(settings.stateDir, 'machines'),
    logs: join(settings.stateDir, 'logs'),
    engine: join(settings.stateDir, 'engine'),
    // Sockets live here: their paths may have 107 characters at most.
    run: join('/run', settings.name),
    key: join(settings.stateDir, 'id_ed25519'),
  };
}
