import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Member } from './read-cpio.ts';

/** Writes a directory, link or file below a root; device nodes are left out. */
export function unpackMember(root: string, { path, mode, content }: Member): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  const type = mode & 0o170000;
  if (type === 0o040000) mkdirSync(target, { recursive: true });
  else if (type === 0o120000) symlinkSync(content.toString(), target);
  else if (type === 0o100000) writeFileSync(target, content, { mode: mode & 0o777 });
}
