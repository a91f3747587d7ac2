import { join } from 'node:path';

import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import { openRegular } from '@pxeboot/config/host/files';
import { maxDocumentBytes } from '@pxeboot/config/kit/json';
import { parseMac } from '@pxeboot/config/kit/mac';

/** Of the files with faults those whose text has this MAC in any spelling: one of them is probably meant.
 * A file that cannot be read names nothing. */
export async function filesNaming(
  mac: string,
  vmsDir: string,
  entries: readonly Pick<PublishedEntry, 'file' | 'faults'>[],
): Promise<ReadonlySet<string>> {
  const naming = new Set<string>();
  for (const { file, faults } of entries) {
    if (faults.length > 0 && namesMac(await readText(join(vmsDir, file)), mac)) naming.add(file);
  }
  return naming;
}

/** Also where the text is no JSON: every word that is spelled as an address is read as one. */
function namesMac(text: string, mac: string): boolean {
  return (text.match(/[\dA-Fa-f]{1,12}(?:[.:-][\dA-Fa-f]{1,6}){0,6}/g) ?? []).some((word) => parseMac(word) === mac);
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
