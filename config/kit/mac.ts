const spelling =
  /^(?:[\da-f]{2}(?::[\da-f]{2}){5}|[\da-f]{2}(?:-[\da-f]{2}){5}|[\da-f]{4}(?:\.[\da-f]{4}){2}|[\da-f]{12})$/;

/** Why some addresses are never a network card's. QEMU: `qemu_macaddr_default_if_unset` in net/net.c. */
export const whyNoMachine = {
  zero: 'all zeros mean that none was set, and QEMU then gives the card one of its own choice',
  group: 'it names a group of machines (multicast)',
};

/** Reads any common spelling (colons, dashes, Cisco dots, bare digits) of a 48-bit MAC address.
 * @returns lower case with colons, or undefined when the text is none, or names a group (multicast) or all zeros */
export function parseMac(text: string): string | undefined {
  return macProblem(text) === undefined ? pairsOf(text).join(':') : undefined;
}

/** Whether a text is spelled as a MAC address, be it one that a machine can have or not. */
export function isSpelledAsMac(text: string): boolean {
  return spelling.test(text.trim().toLowerCase());
}

/** Why a text is no address of a machine, as a clause that follows the text; undefined when it is one. */
export function macProblem(text: string): string | undefined {
  if (!isSpelledAsMac(text)) return 'is not a MAC address';
  const pairs = pairsOf(text);
  if (pairs.every((pair) => pair === '00')) return `is no machine's address: ${whyNoMachine.zero}`;
  // IEEE 802-2014, 8.2.2: the least significant bit of the first octet marks a group address.
  const isGroup = (Number.parseInt(pairs[0] ?? '1', 16) & 1) === 1;
  return isGroup ? `is no machine's address: ${whyNoMachine.group}` : undefined;
}

function pairsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replaceAll(/[^\da-f]/g, '')
      .match(/../g) ?? []
  );
}
