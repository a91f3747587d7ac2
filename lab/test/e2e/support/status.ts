import assert from 'node:assert/strict';

import { httpGet } from '../../../src/container.ts';
import type { LabSettings } from '../../../src/settings.ts';

export interface ReportedEvent {
  seq: number;
  step: string;
  state: 'started' | 'progress' | 'finished' | 'failed';
  ms?: number;
  bytes?: number;
  total?: number;
  message?: string;
}

/** What a VM's installer has told the server in its last run, as far as the server has it. */
export async function reportedEvents(lab: LabSettings, vm: string): Promise<readonly ReportedEvent[]> {
  const { events } = JSON.parse(await httpGet(`/api/vms/${vm}`, lab)) as { events: ReportedEvent[] };
  return events;
}

/** Why the VM's last installation has failed, as the server has it. */
export async function reportedFailure(lab: LabSettings, vm: string): Promise<string> {
  const last = (await reportedEvents(lab, vm)).at(-1);
  assert.equal(last?.state, 'failed');
  return last.message ?? '';
}
