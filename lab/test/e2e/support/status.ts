import assert from 'node:assert/strict';

import type { StatusEvent } from '@pxeboot/config/contract/status-event';

import { httpGet } from '../../../src/container.ts';
import type { LabSettings } from '../../../src/decide/settings.ts';
import { waitWhileRunning } from '../../../src/vm.ts';
import { GaveUp } from '../../../src/wait-until.ts';

/** What a VM's installer has told the server in its last run, as far as the server has it. */
export async function reportedEvents(lab: LabSettings, vm: string): Promise<readonly StatusEvent[]> {
  const { events } = JSON.parse(await httpGet(`/api/vms/${vm}`, lab)) as { events: StatusEvent[] };
  return events;
}

/** Why the VM's last installation has failed, as the server has it. */
export async function reportedFailure(lab: LabSettings, vm: string): Promise<string> {
  const last = (await reportedEvents(lab, vm)).at(-1);
  assert.equal(last?.state, 'failed');
  return last.message ?? '';
}

/** Waits until this share of the tarball has arrived. */
export async function untilUnpacked(lab: LabSettings, vm: string, share: number): Promise<void> {
  await waitWhileRunning(lab, vm, `${share * 100} % of the tarball have arrived at "${vm}"`, async () => {
    const last = (await reportedEvents(lab, vm)).at(-1);
    if (last?.step === 'install' || (last?.step === 'unpack' && last.state === 'finished')) {
      throw new GaveUp('the whole tarball has arrived already');
    }
    const { bytes = 0, total = Infinity } = last ?? {};
    return last?.step === 'unpack' && bytes >= share * total;
  });
}
