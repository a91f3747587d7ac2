import { whyUnread } from '../../definitions/unread-file.ts';
import { showValue } from '../../kit/text.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** Names that look like a definition's and are not read, and names that differ from the host name in case.
 * @param names everything in the directory */
export function lintFileNames(names: readonly string[]): Finding[] {
  return names.toSorted().flatMap((name) => {
    const unread = whyUnread(name, names);
    if (unread === undefined) return name.endsWith('.json') && !name.startsWith('.') ? lintCase(name, names) : [];
    const { isCopy, problem, fix } = unread;
    const fault = { file: name, path: '', value: showValue(name), problem, fix };
    return [isCopy ? finding('file-copy', 'note', fault) : finding('file-not-read', 'warning', fault)];
  });
}

function lintCase(name: string, names: readonly string[]): Finding[] {
  const small = name.toLowerCase();
  if (name === small) return [];
  const problem = 'has capital letters; the host name is in small ones, and some file systems take both for one file';
  const fix = names.includes(small)
    ? `keep in ${showValue(small)} what is right, and remove this one`
    : `rename it to ${showValue(small)}`;
  return [finding('file-name-case', 'note', { file: name, path: '', value: showValue(name), problem, fix })];
}
