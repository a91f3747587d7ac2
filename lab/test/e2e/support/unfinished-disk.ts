import assert from 'node:assert/strict';

import type { LabSettings } from '../../../src/decide/settings.ts';
import { runInShell } from './console.ts';

/** Looks from the installer's shell: the disk is marked as not installed and holds no boot loader, so that no firmware starts it. */
export async function assertUnfinishedDisk(lab: LabSettings, vm: string): Promise<void> {
  const table = await runInShell(lab, vm, '/usr/sbin/sfdisk --dump /dev/vda');
  assert.match(table, /^\/dev\/vda2 .*name="installing"$/m);
  const look = 'mkdir -p /esp && mount -t vfat /dev/vda1 /esp && echo EFI: $(ls /esp) && umount /esp';
  // By the line, since the kernel prints on the same console.
  assert.match(await runInShell(lab, vm, look), /^EFI:$/m);
}
