import { readdir } from 'node:fs/promises';

import type { ImageFiles } from './image-choice.ts';
import type { ImageStore } from './image-files.ts';
import type { LintNetwork } from './lint/addresses.ts';
import type { Finding } from './lint/finding.ts';
import { lintDefinitions } from './lint/lint.ts';
import type { PublishedState } from './published-state.ts';
import { readPublishedState } from './published-state-file.ts';
import type { ScannedFile } from './resolve.ts';
import { resolve } from './resolve.ts';
import { scanDefinitions } from './scan-definitions.ts';

export interface LintSources {
  vmsDir: string;
  /** What vm_watcher has published: who holds what decides conflicts. Without it nothing is in force, and file names decide. */
  stateFile: string;
  /** undefined: images are not looked at. */
  images: ImageStore | undefined;
  network: LintNetwork | undefined;
}

/** Reads every definition anew and applies every rule.
 * @throws HostError the directory of definitions or an image directory cannot be listed, or the state not be read */
export async function lintDirectory({ vmsDir, stateFile, images, network }: LintSources): Promise<Finding[]> {
  const published = await readPublishedState(stateFile);
  const scanned = await scanDefinitions(vmsDir, undefined);
  const state = resolve(published?.ok === true ? published.value : undefined, scanned, new Date());
  return lintDefinitions({
    names: await readdir(vmsDir),
    texts: new Map(scanned.flatMap(textOf)),
    state,
    images: images === undefined ? undefined : await listImages(state, images),
    network,
  });
}

function textOf(file: ScannedFile): [string, string][] {
  return file.kind === 'read' ? [[file.file, file.text]] : [];
}

async function listImages(state: PublishedState, images: ImageStore): Promise<Map<string, ImageFiles>> {
  const listed = new Map<string, ImageFiles>();
  const distros = new Set(state.entries.flatMap(({ definition }) => definition?.distro || []));
  for (const distro of distros) {
    for (const arch of ['x86_64', 'aarch64'] as const) listed.set(`${distro}/${arch}`, await images.list(distro, arch));
  }
  return listed;
}
