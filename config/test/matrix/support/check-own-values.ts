import assert from 'node:assert/strict';

import type { VmDefinition } from '../../../contract/vm-definition.ts';

/** Asserts that an active definition is what its own file says, by a reading of the JSON that shares nothing with the parser. */
export function assertOwnValues(file: string, text: string, vm: VmDefinition): void {
  const said = JSON.parse(text.replace(/^\ufeff/, '')) as Record<string, unknown>;
  assert.equal(`${vm.name}.json`, file.toLowerCase());
  assert.equal(vm.mac.replaceAll(':', '').length, 12);
  assert.equal(vm.arch, said['arch']);
  for (const field of ['ip', 'subnet', 'distro', 'kernel', 'initrd', 'ssh_key'] as const) {
    const value = said[field];
    assert.equal(vm[field] ?? '', typeof value === 'string' ? value.trim() : '', field);
  }
  assert.doesNotMatch(vm.ssh_key ?? '', /[\p{Cc}\p{Zl}\p{Zp}]/u, 'a key is one line to every reader');
  const { install = {} } = said as { install?: Record<string, unknown> };
  assert.deepEqual(vm.install.kernel_args, install['kernel_args'] ?? []);
  assert.deepEqual({ ...vm.install.disk }, { ...(install['disk'] as object | undefined) });
  assert.deepEqual(Object.keys(vm.install).sort(), ['disk', 'initramfs', 'kernel_args', 'once', 'selinux']);
  assert.equal(Object.getPrototypeOf(vm), Object.prototype);
}
