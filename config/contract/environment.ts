import { InputError } from '../kit/errors.ts';
import type { Fault, Result } from '../kit/fault.ts';
import { describeFault } from '../kit/fault.ts';
import { filled } from '../kit/filled.ts';
import type { Cidr } from '../kit/ip.ts';
import { ipv4Number, ipv6Number, parseIpv4Networks } from '../kit/ip.ts';
import { showValue } from '../kit/text.ts';
import { environmentSchema } from './schemas/environment.schema.ts';
import type { DocumentOf } from './schemas/schema.ts';
import { compileParser } from './validator.ts';

/** What is set of the container's settings; a program that is started by hand may have none. */
export interface GivenEnvironment {
  provisionerIp?: string;
  dhcpRangeStart?: string;
  dhcpRangeEnd?: string;
  /** Suffixes that dnsmasq joins with the interface's prefix (`constructor:`). */
  dhcpRangeV6?: { start: string; end: string };
  /** Absent: the interface that carries `provisionerIp`. */
  pxeInterface?: string;
  /** Who may read everything, also from outside the private network; absent: nobody. */
  adminFrom?: Cidr[];
  vmsWatch: WatchSetting;
}

/** The container's settings. */
export interface StackEnvironment extends GivenEnvironment {
  provisionerIp: string;
  dhcpRangeStart: string;
  dhcpRangeEnd: string;
}

/** How vm_watcher learns of changes: auto decides by the file system, events and poll insist. */
export type WatchSetting = WrittenEnvironment['VMS_WATCH'];

type Variables = Record<string, string | undefined>;
type WrittenEnvironment = DocumentOf<typeof optionalSchema>;

const optionalSchema = { ...environmentSchema, required: [] } as const;
const parseRequired = compileParser(environmentSchema);
const parseOptional = compileParser(optionalSchema);

/** Parses and validates the environment variables; an empty variable counts as unset. */
export function parseEnvironment(env: Variables): Result<StackEnvironment> {
  const written = withoutContradictions(parseRequired('environment', filled(env)));
  if (!written.ok) return written;
  const { PROVISIONER_IP, DHCP_RANGE_START, DHCP_RANGE_END } = written.value;
  const required = { provisionerIp: PROVISIONER_IP, dhcpRangeStart: DHCP_RANGE_START, dhcpRangeEnd: DHCP_RANGE_END };
  return { ok: true, value: { ...normalise(written.value), ...required } };
}

/** The same where a variable may be missing: for the programs that the container starts, and that a person may start elsewhere.
 * @throws InputError a variable is wrong; the message has one line for each */
export function givenEnvironment(env: Variables): GivenEnvironment {
  const written = withoutContradictions(parseOptional('environment', filled(env)));
  if (!written.ok) throw new InputError(written.faults.map(describeFault).join('\n'));
  return normalise(written.value);
}

function withoutContradictions<Written extends WrittenEnvironment>(written: Result<Written>): Result<Written> {
  const faults = written.ok ? rangeFaults(written.value) : [];
  return faults.length > 0 ? { ok: false, faults } : written;
}

function normalise(written: WrittenEnvironment): GivenEnvironment {
  const { DHCP_RANGE_V6_START: v6Start, DHCP_RANGE_V6_END: v6End, PXE_INTERFACE: pxeInterface } = written;
  const adminFrom = parseIpv4Networks(written.ADMIN_FROM ?? '') ?? [];
  return {
    ...filled({
      provisionerIp: written.PROVISIONER_IP,
      dhcpRangeStart: written.DHCP_RANGE_START,
      dhcpRangeEnd: written.DHCP_RANGE_END,
      pxeInterface,
    }),
    ...(adminFrom.length === 0 ? {} : { adminFrom }),
    ...(v6Start === undefined || v6End === undefined ? {} : { dhcpRangeV6: { start: v6Start, end: v6End } }),
    vmsWatch: written.VMS_WATCH,
  };
}

function rangeFaults(written: WrittenEnvironment): Fault[] {
  const { DHCP_RANGE_START: start = '0.0.0.0', DHCP_RANGE_END: end = '255.255.255.255' } = written;
  const { DHCP_RANGE_V6_START: v6Start = '::', DHCP_RANGE_V6_END: v6End = '::' } = written;
  return [
    ...(ipv4Number(end) < ipv4Number(start) ? [reversedRange('DHCP_RANGE', start, end)] : []),
    ...(ipv6Number(v6End) < ipv6Number(v6Start) ? [reversedRange('DHCP_RANGE_V6', v6Start, v6End)] : []),
  ];
}

function reversedRange(name: string, start: string, end: string): Fault {
  return {
    file: 'environment',
    path: `/${name}_END`,
    value: showValue(end),
    problem: `lies before ${name}_START "${start}"`,
    fix: 'swap the two',
  };
}
