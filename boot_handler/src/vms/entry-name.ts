import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import { baseName } from '@pxeboot/config/kit/definition-file';

/** The name of the VM that a file describes; of one that was never good its base name. */
export function entryName(entry: PublishedEntry): string {
  return entry.definition?.name ?? baseName(entry.file);
}
