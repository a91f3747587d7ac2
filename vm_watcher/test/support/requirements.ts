import { existsSync } from 'node:fs';

const programs = {
  '/usr/sbin/dnsmasq': 'dnsmasq-base',
  '/usr/bin/dhcp_release': 'dnsmasq-utils',
  '/usr/sbin/dhclient': 'isc-dhcp-client',
  '/usr/bin/busybox': 'busybox',
  '/usr/bin/nsenter': 'util-linux',
};

/** Why a test with real DHCP cannot run here; false when it can. With REQUIRE_ALL=1 it must. */
export function networkTestSkip(): string | false {
  const missing = Object.entries(programs).flatMap(([file, name]) => (existsSync(file) ? [] : [`package ${name}`]));
  if (process.getuid?.() !== 0) missing.push('root');
  if (missing.length === 0) return false;
  const reason = `needs ${missing.join(', ')}`;
  if (process.env['REQUIRE_ALL'] === '1') throw new Error(reason);
  return reason;
}
