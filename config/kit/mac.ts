/** A regular expression for addresses in every spelling that is read: pairs with colons or hyphens, also without leading zeros (macOS's
 * arp(8), Solaris) and behind the hardware type of Ethernet (PXELINUX, `BOOTIF=`, DHCP's client identifiers; RFC 1700, "Hardware
 * Type"); groups of four (Cisco with dots, Huawei with hyphens), halves (HPE ProCurve), bare digits.
 * @param first of two digits, and of one where there is no more   @param digit each other digit */
export function macPattern(first: { pair: string; single: string }, digit: string): string {
  const start = `(${first.pair}|${first.single})`;
  const pairs = [':', '-'].map((separator) => `(0?1${separator})?${start}(${separator}${digit}{1,2}){5}`);
  const fours = ['\\.', ':', '-'].map((separator) => `${first.pair}${digit}{2}(${separator}${digit}{4}){2}`);
  const others = [`${first.pair}${digit}{4}[:-]${digit}{6}`, `${first.pair}${digit}{10}`];
  return `^\\s*(${[...pairs, ...fours, ...others].join('|')})\\s*$`;
}

const hex = '[0-9A-Fa-f]';
const spelling = new RegExp(macPattern({ pair: `${hex}{2}`, single: hex }, hex));
const sevenGroups = /^([\da-f]{1,2})[:-][\da-f]{1,2}(?:[:-][\da-f]{1,2}){5}$/;

/** Why some addresses are never a network card's. QEMU: `qemu_macaddr_default_if_unset` in net/net.c. */
export const whyNoMachine = {
  zero: 'all zeros mean that none was set, and QEMU then gives the card one of its own choice',
  group: 'it names a group of machines (multicast)',
};

/** Reads any common spelling of a 48-bit MAC address: pairs or single digits with colons or hyphens, groups of four, halves of six, bare
 * digits, and pairs behind the hardware type of Ethernet (`01-52-54-…`).
 * @returns lower case with colons, or undefined when the text is none, or names a group (multicast) or all zeros */
export function parseMac(text: string): string | undefined {
  const pairs = pairsOf(text);
  return pairs !== undefined && noMachine(pairs) === undefined ? pairs.join(':') : undefined;
}

/** Whether a text is spelled as a MAC address, be it one that a machine can have or not. */
export function isSpelledAsMac(text: string): boolean {
  return pairsOf(text) !== undefined;
}

/** Why a text is no address of a machine, as a clause that follows the text; undefined when it is one. */
export function macProblem(text: string): string | undefined {
  const pairs = pairsOf(text);
  if (pairs === undefined) return `is not a MAC address${reasonFor(plain(text))}`;
  const why = noMachine(pairs);
  return why === undefined ? undefined : `is no machine's address: ${why}`;
}

/** Why an address is never a network card's; undefined when it may be one's. */
function noMachine(pairs: readonly string[]): string | undefined {
  if (pairs.every((pair) => pair === '00')) return whyNoMachine.zero;
  // IEEE 802-2014, 8.2.2: the least significant bit of the first octet marks a group address.
  return (Number.parseInt(pairs[0] ?? '1', 16) & 1) === 1 ? whyNoMachine.group : undefined;
}

function pairsOf(text: string): string[] | undefined {
  if (!spelling.test(text)) return undefined;
  const groups = plain(text).split(/[.:-]/);
  // Of seven the first is the hardware type.
  const pairs = groups.length < 6 ? groups : groups.slice(-6).map((group) => group.padStart(2, '0'));
  return pairs.join('').match(/../g) ?? undefined;
}

function plain(text: string): string {
  return text.trim().toLowerCase();
}

/** Longer texts are no mistyped address; guests send them too. */
const longestExplained = 64;

/** What keeps a text that has digits and separators from being an address; empty when it has other characters. */
function reasonFor(given: string): string {
  if (given.length > longestExplained) return '';
  if (/[\u2010-\u2015\u2212\uff0d\uff1a]/.test(given)) return ': it has a typographic hyphen or colon';
  if (/[^\da-f.:-]/.test(given) || !/[\da-f]/.test(given)) return '';
  const separators = new Set(given.replaceAll(/[\da-f]/g, ''));
  if (separators.size > 1) return `: it mixes "${[...separators].join('" and "')}"`;
  const type = sevenGroups.exec(given)?.[1];
  if (type !== undefined) return `: its hardware type is ${Number.parseInt(type, 16)}, and 1 is Ethernet`;
  const [groups, digits] = [given.split(/[.:-]/), given.replaceAll(/[^\da-f]/g, '').length];
  const dropped = digits < 12 && groups.length < 6 ? ', so which zeros were left out cannot be told' : '';
  if (groups.length === 1) return `: it has ${digits} digits, not 12${dropped}`;
  if (groups.length > 8) return `: it has ${groups.length} groups`;
  return `: it has ${groups.length} groups of ${groups.map(({ length }) => length).join(', ')} digits${dropped}`;
}
