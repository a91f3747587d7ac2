import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import { sampleKey, sampleVm } from '@pxeboot/config/test/support/sample-vm';

/** A target as pvmlab writes it; a test names only the fields it is about. */
export function sampleTarget(fields: Partial<VmDefinition> = {}): VmDefinition {
  return sampleVm({ ip: '192.168.105.20', subnet: '192.168.105.0/24', ssh_key: sampleKey, ...fields });
}
