import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';

import type { ImageFiles } from '@pxeboot/config/definitions/image-choice';

import { sampleKey, sampleVm as minimalVm } from '../../../config/test/support/sample-vm.ts';

export { sampleKey };

/** A target as pvmlab writes it; a test names only the fields it is about. */
export function sampleVm(fields: Partial<VmDefinition> = {}): VmDefinition {
  return minimalVm({ ip: '192.168.105.20', subnet: '192.168.105.0/24', ssh_key: sampleKey, ...fields });
}

export const completeImage = [
  'vmlinuz-6.1.0-56-cloud-amd64',
  'initrd.img-6.1.0-56-cloud-amd64',
  'rootfs.tar.gz',
  'modules.cpio.gz',
];

export function sampleImage(names: readonly string[] = completeImage): ImageFiles {
  return { directory: 'images/debian-12/x86_64', exists: true, names };
}
