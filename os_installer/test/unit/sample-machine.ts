import assert from 'node:assert/strict';

import type { Disk, HardwareFacts } from '@pxeboot/config/contract/hardware-facts';
import type { InstallerConfig } from '@pxeboot/config/contract/installer-config';

import type { InstallPlan } from '../../src/plan.ts';
import { planInstallation } from '../../src/plan.ts';
import type { PlanInput } from '../../src/plan/decide.ts';
import { transportOf } from '../../src/probe/parse/sysfs.ts';
import type { Step, StepKind, StepOf } from '../../src/steps/index.ts';

export const gib = 2 ** 30;

export function disk(name: string, given: Partial<Disk> = {}): Disk {
  return {
    name,
    path: `/dev/${name}`,
    links: [],
    sizeBytes: 10 * gib,
    logicalSectorBytes: 512,
    transport: transportOf(name, '/sys/devices/pci0000:00/ata1/host0/block'),
    removable: false,
    readOnly: false,
    model: '',
    serial: '',
    wwn: '',
    uses: [],
    ...given,
  };
}

export function hardware(disks: Disk[]): HardwareFacts {
  return {
    disks,
    uefi: true,
    memoryBytes: 2 * gib,
    availableMemoryBytes: gib,
    kernelRelease: '6.1.0-1-running',
  };
}

export const config: InstallerConfig = {
  cloud_init_url: 'http://10.0.0.1/cloud-init/web1',
  distro: 'debian-12',
  arch: 'x86_64',
  rootfs_url: 'http://10.0.0.1/images/debian-12/x86_64/rootfs.tar.gz',
  kmods_url: 'http://10.0.0.1/images/debian-12/x86_64/modules.cpio.gz',
  kernel_url: 'http://10.0.0.1/images/debian-12/x86_64/vmlinuz-6.1.0-56-cloud-amd64',
  reboot_on_success: true,
  vm: 'web1',
  mac: '52:54:00:12:34:56',
  status_url: 'http://10.0.0.1/status/52:54:00:12:34:56',
  console: 'ttyS0,115200',
  kernel_args: [],
  disk: {},
  initramfs: 'auto',
  selinux: 'image',
  once: false,
  reinstall_token: '',
};

export function input(given: { config?: Partial<InstallerConfig>; disks?: Disk[] } = {}): PlanInput {
  return {
    config: { ...config, ...given.config },
    hardware: hardware(given.disks ?? [disk('vda')]),
    sources: {
      rootfsBytes: 200_000_000,
      packing: 'gzip',
      seed: [{ name: 'meta-data', content: 'instance-id: web1-1\n' }],
    },
    ids: { rootUuid: '0e2d9d0c-1111-4222-8333-444455556666', espVolumeId: 'ABCD1234' },
  };
}

export function plan(given: Parameters<typeof input>[0] = {}): InstallPlan {
  return planInstallation(input(given));
}

/** The step of a kind. */
export function stepIn<Kind extends StepKind>(steps: readonly Step[], kind: Kind): StepOf<Kind> {
  const step = steps.find((one): one is Step & StepOf<Kind> => one.kind === kind);
  return step ?? assert.fail(`the plan has no step "${kind}"`);
}
