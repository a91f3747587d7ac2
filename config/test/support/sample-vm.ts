import type { VmDefinition } from '../../contract/vm-definition.ts';

export const sampleKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvT1u0m2yKnRZrXlqFHC7sfI6X7oGgAqQ0t2cQ0p6fG me@laptop';

/** A complete target; a test names only the fields it is about. */
export function sampleVm(fields: Partial<VmDefinition> = {}): VmDefinition {
  return {
    name: 'web1',
    role: 'target',
    arch: 'x86_64',
    mac: '52:54:00:aa:bb:01',
    pxeboot: true,
    distro: 'debian-12',
    install: { kernel_args: [], disk: {}, initramfs: 'auto', selinux: 'image', once: false },
    ...fields,
  };
}
