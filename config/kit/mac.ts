/** Reads any common spelling (colons, dashes, Cisco dots, bare digits) of a 48-bit MAC address.
 * @returns lower case with colons, or undefined when the text is none, or names a group (multicast) or all zeros */
export function parseMac(text: string): string | undefined {
  const trimmed = text.trim().toLowerCase();
  const spelling =
    /^(?:[\da-f]{2}(?::[\da-f]{2}){5}|[\da-f]{2}(?:-[\da-f]{2}){5}|[\da-f]{4}(?:\.[\da-f]{4}){2}|[\da-f]{12})$/;
  if (!spelling.test(trimmed)) return undefined;
  const pairs = trimmed.replaceAll(/[^\da-f]/g, '').match(/../g) ?? [];
  // IEEE 802-2014, 8.2.2: the least significant bit of the first octet marks a group address.
  if ((Number.parseInt(pairs[0] ?? '1', 16) & 1) === 1 || pairs.every((pair) => pair === '00')) return undefined;
  return pairs.join(':');
}
