import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import { macProblem, parseMac } from '@pxeboot/config/kit/mac';
import { showValue } from '@pxeboot/config/kit/text';

import { RequestError } from '../http/request-errors.ts';
import { entryName } from './entry-name.ts';
import type { VmRecord } from './vm-index.ts';
import type { VmStore } from './vm-store.ts';

/** @throws RequestError 400 the text is no MAC address */
export function requireMac(text: unknown): string {
  const mac = typeof text === 'string' ? parseMac(text) : undefined;
  if (mac !== undefined) return mac;
  const reason = (typeof text === 'string' ? macProblem(text) : undefined) ?? 'is not a MAC address';
  const problem = text === undefined ? '"mac" is missing' : `${showValue(text)} ${reason}`;
  throw new RequestError(400, `read the request: ${problem}; expected six hex pairs such as 52:54:00:12:34:56`);
}

/** The VM that boots with this MAC; the provisioner's own record is none.
 * @throws RequestError 404 */
export async function requireTarget(vms: VmStore, mac: string): Promise<VmRecord> {
  const record = await vms.findByMac(mac);
  if (record === undefined) {
    throw new RequestError(
      404,
      `find the VM with MAC "${mac}": no definition has it; save <name>.json with "mac": "${mac}"`,
    );
  }
  if (record.definition.role === 'provisioner') {
    throw new RequestError(404, `boot "${record.definition.name}": it is the provisioner, which is never installed`);
  }
  return record;
}

/** The file that a name in a URL means: names of VMs have no case (RFC 4343), but two files may differ in nothing else.
 * @throws RequestError 404 */
export async function requireEntry(vms: VmStore, name: unknown): Promise<PublishedEntry> {
  const entries = await vms.entries();
  const lower = typeof name === 'string' ? name.toLowerCase() : name;
  const entry =
    entries.find((candidate) => entryName(candidate) === name) ??
    entries.find((candidate) => entryName(candidate).toLowerCase() === lower);
  if (entry !== undefined) return entry;
  throw new RequestError(404, `find the VM ${showValue(name)}: no file describes it; see /api/vms`);
}
