import { showValue } from '../../kit/text.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** Names that look like a definition's and are not read, and names that differ from the host name in case.
 * @param names everything in the directory */
export function lintFileNames(names: readonly string[]): Finding[] {
  return names.toSorted().flatMap((name) => {
    if (name.startsWith('.')) return [];
    if (name.endsWith('.json')) return lintCase(name);
    if (!/\.(?:json\.txt|jsonc?|json5|jsn|json[._ -]?\d*|json \(\d+\))$/i.test(name)) return [];
    const base = name.replace(/\.(?:jso?n).*$/i, '');
    const fault = {
      file: name,
      path: '',
      value: showValue(name),
      problem: 'looks like a definition and is not read: its name does not end in ".json"',
      fix: `rename it to ${showValue(`${base.toLowerCase()}.json`)}`,
    };
    return [finding('file-not-read', 'warning', fault)];
  });
}

function lintCase(name: string): Finding[] {
  if (name === name.toLowerCase()) return [];
  const problem = 'has capital letters; the host name is in small ones, and some file systems take both for one file';
  const fix = `rename it to ${showValue(name.toLowerCase())}`;
  return [finding('file-name-case', 'note', { file: name, path: '', value: showValue(name), problem, fix })];
}
