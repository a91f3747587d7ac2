import { domain } from '../../contract/domain.ts';
import type { PublishedState } from '../../contract/published-state.ts';
import { definitionsInForce } from '../../contract/published-state.ts';
import type { VmDefinition } from '../../contract/vm-definition.ts';
import { isVmName } from '../../contract/vm-definition.ts';
import { guestName, guestNameHolders } from '../../definitions/guest-name.ts';
import { showValue } from '../../kit/text.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** Names that pvmlab takes and that are no host names, and those that lead to one host name. */
export function lintGuestNames(state: PublishedState): Finding[] {
  const holders = guestNameHolders(definitionsInForce(state).map(({ name }) => name));
  return state.entries.flatMap(({ file, state: kind, definition }) => {
    if (kind !== 'ok' || definition === undefined) return [];
    const guest = guestName(definition.name);
    if (guest === definition.name) return [];
    const holder = holders.get(guest) ?? definition.name;
    return [
      holder === definition.name
        ? otherName(file, definition, guest, state)
        : takenName(file, definition, guest, holder),
    ];
  });
}

function otherName(file: string, { name }: VmDefinition, guest: string, { entries }: PublishedState): Finding {
  const problem = `is no host name (RFC 1123, 2.1), so the guest is called "${guest}", and ${guest}.${domain} in DNS`;
  const isTaken = !isVmName(guest) || entries.some((entry) => entry.file.toLowerCase() === `${guest}.json`);
  const rename = isTaken ? 'choose a host name' : `rename the file to ${guest}.json and set "name" to "${guest}"`;
  const fix = `nothing has to be done; to have one name, ${rename}`;
  return finding('guest-name', 'warning', { file, path: '/name', value: showValue(name), problem, fix });
}

function takenName(file: string, { name }: VmDefinition, guest: string, holder: string): Finding {
  const problem = `makes the guest call itself "${guest}", and so does "${holder}", which has that name in DHCP and DNS`;
  const fix = 'choose a name that differs in more than "-", "_" and "."';
  return finding('guest-name-taken', 'warning', { file, path: '/name', value: showValue(name), problem, fix });
}
