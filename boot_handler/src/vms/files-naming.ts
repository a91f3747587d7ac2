import { join } from 'node:path';

import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import { openRegular } from '@pxeboot/config/host/files';
import { maxDocumentBytes } from '@pxeboot/config/kit/json';

/** Of the files with faults those whose text has this MAC in any spelling: one of them is probably meant.
 * A file that cannot be read names nothing. */
export async function filesNaming(
  mac: string,
  vmsDir: string,
  entries: readonly Pick<PublishedEntry, 'file' | 'faults'>[],
): Promise<ReadonlySet<string>> {
  const digits = mac.replaceAll(':', '');
  const naming = new Set<string>();
  for (const { file, faults } of entries) {
    if (faults.length > 0 && plainDigits(await readText(join(vmsDir, file))).includes(digits)) naming.add(file);
  }
  return naming;
}

function plainDigits(text: string): string {
  return text.toLowerCase().replaceAll(/[:.-]/g, '');
}

async function readText(path: string): Promise<string> {
  try {
    await using file = await openRegular(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxDocumentBytes), 0, maxDocumentBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return '';
  }
}
