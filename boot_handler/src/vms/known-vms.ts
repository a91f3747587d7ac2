import type { PublishedState } from '@pxeboot/config/contract/published-state';
import { HostError } from '@pxeboot/config/kit/errors';

import type { VmIndex, VmRecord } from './vm-index.ts';
import { emptyIndex, indexState } from './vm-index.ts';

/** The definitions cannot be looked at, so that what is not known may be there. */
export class ScanError extends HostError {
  override readonly name = 'ScanError';
}

/** What boot_handler knows of the VMs at one moment. */
export interface KnownVms {
  /** The last state that vm_watcher has published; undefined before the first. */
  published: PublishedState | undefined;
  /** Of the published state, or of a scan since then. */
  index: VmIndex;
  /** Why the last scan failed. */
  scanFailure: ScanError | undefined;
}

export const nothingKnown: KnownVms = { published: undefined, index: emptyIndex, scanFailure: undefined };

/** A state that was not known yet takes the place of what scans have found. */
export function withPublished(known: KnownVms, published: PublishedState | undefined): KnownVms {
  if (published === undefined || published === known.published) return known;
  return { ...known, published, index: indexState(published) };
}

/** @param state what follows from the scanned files */
export function withScan(known: KnownVms, state: PublishedState): KnownVms {
  return { ...known, index: indexState(state), scanFailure: undefined };
}

/** After a scan that failed, what is known stays. */
export function withFailedScan(known: KnownVms, cause: unknown): KnownVms {
  return { ...known, scanFailure: new ScanError('look for the VM', { cause }) };
}

/** The answer after a scan.
 * @throws ScanError it was not found, and may be among what could not be scanned */
export function requireCertain({ scanFailure }: KnownVms, found: VmRecord | undefined): VmRecord | undefined {
  if (found === undefined && scanFailure !== undefined) throw scanFailure;
  return found;
}
