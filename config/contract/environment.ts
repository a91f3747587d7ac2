import environmentSchema from './schemas/environment.schema.json' with { type: 'json' };

import { ipv4Number, ipv6Number } from '../kit/ip.ts';
import type { Fault, Result } from '../kit/result.ts';
import { showValue } from '../kit/result.ts';
import { compileValidator } from './validator.ts';

/** The container's settings. */
export interface StackEnvironment {
  provisionerIp: string;
  dhcpRangeStart: string;
  dhcpRangeEnd: string;
  /** Suffixes that dnsmasq joins with the interface's prefix (`constructor:`). */
  dhcpRangeV6?: { start: string; end: string };
  /** Absent: the interface that carries `provisionerIp`. */
  pxeInterface?: string;
  vmsWatch: WatchSetting;
}

/** How vm_watcher learns of changes: auto decides by the file system, events and poll insist. */
export type WatchSetting = 'auto' | 'events' | 'poll';

interface WrittenEnvironment {
  PROVISIONER_IP: string;
  DHCP_RANGE_START: string;
  DHCP_RANGE_END: string;
  DHCP_RANGE_V6_START?: string;
  DHCP_RANGE_V6_END?: string;
  PXE_INTERFACE?: string;
  VMS_WATCH?: WatchSetting;
}

const validate = compileValidator(environmentSchema);

/** Parses and validates the environment variables; an empty variable counts as unset. */
export function parseEnvironment(env: Record<string, string | undefined>): Result<StackEnvironment> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const faults = validate('environment', set);
  if (faults.length > 0) return { ok: false, faults };
  // The schema has just proven the shape.
  const written = set as unknown as WrittenEnvironment;
  const contradictions = rangeFaults(written);
  return contradictions.length > 0 ? { ok: false, faults: contradictions } : { ok: true, value: normalise(written) };
}

/** `VMS_WATCH` alone, for vm_watcher, which needs nothing else of the environment. */
export function parseWatchSetting(env: Record<string, string | undefined>): Result<WatchSetting> {
  const given = env['VMS_WATCH'];
  if (given === undefined || given === '') return { ok: true, value: 'auto' };
  const faults = validate('environment', { VMS_WATCH: given }).filter(({ path }) => path === '/VMS_WATCH');
  // The schema has just proven that it is one of the settings.
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: given as WatchSetting };
}

function normalise(written: WrittenEnvironment): StackEnvironment {
  const { DHCP_RANGE_V6_START: v6Start, DHCP_RANGE_V6_END: v6End, PXE_INTERFACE: pxeInterface } = written;
  return {
    provisionerIp: written.PROVISIONER_IP,
    dhcpRangeStart: written.DHCP_RANGE_START,
    dhcpRangeEnd: written.DHCP_RANGE_END,
    ...(v6Start === undefined || v6End === undefined ? {} : { dhcpRangeV6: { start: v6Start, end: v6End } }),
    ...(pxeInterface === undefined ? {} : { pxeInterface }),
    vmsWatch: written.VMS_WATCH ?? 'auto',
  };
}

function rangeFaults(written: WrittenEnvironment): Fault[] {
  const { DHCP_RANGE_START: start, DHCP_RANGE_END: end } = written;
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
