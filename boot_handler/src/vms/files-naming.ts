import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import { whyUnread } from '@pxeboot/config/definitions/unread-file';
import { openRegular } from '@pxeboot/config/host/files';
import type { Fault } from '@pxeboot/config/kit/fault';
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

/** A file that has this MAC and is not read. */
export interface UnreadNaming extends Pick<Fault, 'problem' | 'fix'> {
  file: string;
  /** Made by a program: nobody meant it to be read. */
  isCopy: boolean;
}

const unreadLookedAt = 64;

/** Of the files that look like definitions and are not read, such as `Web1.JSON`, those whose text has this MAC; copies that programs
 * make come last. */
export async function unreadNaming(mac: string, vmsDir: string): Promise<UnreadNaming[]> {
  const names = (await readdir(vmsDir).catch(() => [])).toSorted();
  const unread = names.flatMap((file) => {
    const why = whyUnread(file, names);
    return why === undefined ? [] : [{ file, ...why }];
  });
  const sorted = unread.toSorted((a, b) => Number(a.isCopy) - Number(b.isCopy)).slice(0, unreadLookedAt);
  const naming: UnreadNaming[] = [];
  for (const each of sorted) if (namesMac(await readText(join(vmsDir, each.file)), mac)) naming.push(each);
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
