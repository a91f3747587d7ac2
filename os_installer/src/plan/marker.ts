import type { InstallerConfig } from '@pxeboot/config/contract/installer-config';

/** Who installed a system, and at which request: a file on its ESP. */
export interface Marker {
  vm: string;
  mac: string;
  distro: string;
  /** Token of `<name>.reinstall` that this installation has done; empty when there was none. */
  reinstall_token: string;
  /** UTC, ISO 8601. */
  installed_at: string;
}

/** A disk that holds a complete system, with its marker if that could be read. */
export interface InstalledSystem {
  disk: string;
  marker?: Marker;
  /** Why the marker could not be looked for. */
  problem?: string;
}

export const markerName = 'pxeboot-installed.json';

/** Directory of the ESP where the boot loader's `EFI/` waits for the last step: no firmware looks there. */
export const waitingName = 'pxeboot-unfinished';

/** What `install.once` says about a machine. */
export type Verdict =
  { kind: 'install' } | { kind: 'keep'; disk: string; installedAt: string } | { kind: 'unsure'; reason: string };

/** The text that `parseMarker` reads. */
export function formatMarker(marker: Marker): string {
  return `${JSON.stringify(marker, undefined, 2)}\n`;
}

/** @returns undefined when the text is no marker */
export function parseMarker(text: string): Marker | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof document !== 'object' || document === null) return undefined;
  const values = new Map<string, unknown>(Object.entries(document));
  const vm = values.get('vm');
  const mac = values.get('mac');
  const distro = values.get('distro');
  const token = values.get('reinstall_token');
  const at = values.get('installed_at');
  if (typeof vm !== 'string' || typeof mac !== 'string' || typeof distro !== 'string') return undefined;
  if (typeof token !== 'string' || typeof at !== 'string') return undefined;
  return { vm, mac, distro, reinstall_token: token, installed_at: at };
}

/** With `install.once` a complete system of this VM (its name or its MAC in the marker) is kept, unless a reinstall is asked
 * for that it has not done. What cannot be read is never taken for nothing, nor for a system that has not done what is asked for:
 * nobody has to take back a request that is done. */
export function judgeInstalled(
  { once, vm, mac, reinstall_token: token }: InstallerConfig,
  systems: readonly InstalledSystem[],
): Verdict {
  if (!once) return { kind: 'install' };
  const own = systems.filter(({ marker }) => marker !== undefined && (marker.vm === vm || marker.mac === mac));
  const kept = own.find(({ marker }) => token === '' || marker?.reinstall_token === token);
  if (kept?.marker !== undefined) return { kind: 'keep', disk: kept.disk, installedAt: kept.marker.installed_at };
  const [unread] = systems.filter(({ problem }) => problem !== undefined);
  if (unread === undefined) return { kind: 'install' };
  return {
    kind: 'unsure',
    reason:
      `look for the marker of an earlier installation on ${unread.disk}: ${unread.problem ?? ''}; nothing was touched; ` +
      `to install all the same set "install.once" of "${vm}" to false until that is done`,
  };
}
