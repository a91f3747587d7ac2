import { readdir } from 'node:fs/promises';

import type { PublishedState } from '../contract/published-state.ts';
import type { ImageFiles } from '../definitions/image-choice.ts';
import { readAddressConflicts } from '../definitions/read/address-conflicts-file.ts';
import type { ImageStore } from '../definitions/read/image-files.ts';
import { readPublishedState } from '../definitions/read/published-state-file.ts';
import { scanDefinitions } from '../definitions/read/scan.ts';
import type { ScannedFile } from '../definitions/resolve.ts';
import { resolve } from '../definitions/resolve.ts';
import type { Finding } from './rules/finding.ts';
import { lintDefinitions } from './rules/index.ts';
import type { LintNetwork } from './rules/vm-addresses.ts';

export interface LintSources {
  vmsDir: string;
  /** What vm_watcher has published, with the address conflicts next to it: who holds what decides who wins. Without it nothing is in force, and file names decide. */
  stateFile: string;
  /** undefined: images are not looked at. */
  images: ImageStore | undefined;
  network: LintNetwork | undefined;
}

/** Reads every definition anew and applies every rule.
 * @throws HostError the directory of definitions or an image directory cannot be listed, or what is published not be read */
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
    conflicts: await readAddressConflicts(stateFile),
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
