import { open } from 'node:fs/promises';
import { join } from 'node:path';

import type { Installation } from '../installation.ts';
import { formatMarker, markerName } from '../plan/marker.ts';
import type { StepOf } from '../steps.ts';

/** Puts the marker on the ESP. Only the root partition's name, given afterwards, makes it count. */
export async function writeMarker({ marker }: StepOf<'write-marker'>, { target }: Installation): Promise<void> {
  const file = await open(join(target, 'boot/efi', markerName), 'w', 0o644);
  try {
    await file.writeFile(formatMarker({ ...marker, installed_at: new Date().toISOString() }));
    await file.sync();
  } finally {
    await file.close();
  }
}
