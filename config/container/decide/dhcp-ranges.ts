import { ipv4Number, ipv4Text, ipv6Number, ipv6Text } from '../../kit/ip.ts';

/** From the first address to the last. */
export interface AddressRange {
  start: string;
  end: string;
}

/** A dynamic range, divided so that machines without a definition can never take all of it. */
export interface DividedRange {
  /** For VMs that are defined. */
  defined: AddressRange;
  /** For everybody; defined VMs get one of these when their own part is full. null: the range is too small to be divided. */
  everybody: AddressRange | null;
}

/** Everybody's part has no more addresses than this: dnsmasq has a limit of all leases together, and writes all of them for each. */
const mostForEverybody = 4096n;

/** The first three quarters for defined VMs, the last quarter, at least one address, for everybody. The only address of a range of one
 * is for defined VMs. */
export function divideIpv4(range: AddressRange): DividedRange {
  return divide(BigInt(ipv4Number(range.start)), BigInt(ipv4Number(range.end)), (value) => ipv4Text(Number(value)));
}

/** The same of IPv6 addresses, or of the last parts of some. */
export function divideIpv6(range: AddressRange): DividedRange {
  return divide(ipv6Number(range.start), ipv6Number(range.end), ipv6Text);
}

function divide(start: bigint, end: bigint, textOf: (value: bigint) => string): DividedRange {
  const part = (from: bigint, to: bigint): AddressRange => ({ start: textOf(from), end: textOf(to) });
  const size = end - start + 1n;
  if (size < 2n) return { defined: part(start, end), everybody: null };
  const quarter = size < 4n ? 1n : size / 4n;
  const shared = quarter < mostForEverybody ? quarter : mostForEverybody;
  return { defined: part(start, end - shared), everybody: part(end - shared + 1n, end) };
}
