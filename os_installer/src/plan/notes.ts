import type { InstallerConfig } from '@pxeboot/config/contract/installer-config';

import { checksumOf, directoryOf, fileNameOf } from './checksums.ts';
import { formatSize } from './choose-disk.ts';
import { estimatedPerPacked } from './disk-layout.ts';
import type { SourceFacts } from './facts.ts';

/** What people should know of a plan: what `install.once` does to it; what is checked of the images, and what is not. */
export function planNotes(config: InstallerConfig, sources: SourceFacts): string[] {
  return [...onceNotes(config), ...imageNotes(config, sources)];
}

function onceNotes({ once, vm }: InstallerConfig): string[] {
  if (!once) return [];
  return [
    `install.once: nothing of this happens on a machine that ${vm} is already installed on, unless ${vm}.reinstall is new`,
  ];
}

function imageNotes(config: InstallerConfig, sources: SourceFacts): string[] {
  const { checksums, rootfsBytes, packing, unpackedBytes } = sources;
  const directory = directoryOf(config.rootfs_url);
  const files = [
    [config.rootfs_url, ''],
    [config.kernel_url, whenCopied('kernel')],
    [config.kmods_url, whenCopied('modules')],
  ] as const;
  const checks =
    checksums === undefined
      ? ['images are not checked: there is no SHA256SUMS beside them']
      : files.map(([url, when]) =>
          checksumOf(url, checksums, directory) === undefined
            ? `${fileNameOf(url)} is not checked: it is not in SHA256SUMS`
            : `${fileNameOf(url)} is checked against SHA256SUMS${when}`,
        );
  const unpacked =
    unpackedBytes !== undefined
      ? `unpacks to ${formatSize(unpackedBytes)}`
      : `does not say what it unpacks to; ${estimatedPerPacked[packing]} times its ${formatSize(rootfsBytes)} are reckoned with`;
  return [...checks, `${fileNameOf(config.rootfs_url)} ${unpacked}`];
}

/** What the root file system brings is covered by the tarball's own sum: reading the server's file too would check what is not used. */
function whenCopied(what: string): string {
  return ` when it is copied: if the root file system lacks the ${what}`;
}
