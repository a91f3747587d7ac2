import { open } from 'node:fs/promises';

import type { Marker } from '../plan/marker.ts';
import { formatMarker, markerName } from '../plan/marker.ts';
import type { StepDefinition } from './shared/definition.ts';
import { kernelLog } from './shared/hints.ts';
import { espDirectory } from './shared/waiting.ts';

export interface WriteMarker {
  marker: Omit<Marker, 'installed_at'>;
}

/** Puts the marker on the ESP. Only the root partition's name, given afterwards, makes it count. */
export const writeMarker: StepDefinition<WriteMarker> = {
  plan: ({ config: { vm, mac, distro, reinstall_token } }) => ({ marker: { vm, mac, distro, reinstall_token } }),
  describe: () => 'write the marker of this installation to the ESP',
  lines: (_step, { target }) => [`write ${target}/${espDirectory}/${markerName}`],
  hints: () => [kernelLog],

  async run({ marker }, { system }) {
    const file = await open(await system.place(`${espDirectory}/${markerName}`), 'w', 0o644);
    try {
      await file.writeFile(formatMarker({ ...marker, installed_at: new Date().toISOString() }));
      await file.sync();
    } finally {
      await file.close();
    }
  },
};
