/** Network configuration that an image brings of the machine that it was made or used on. The definition's own comes from the seed, and
 * cloud-init writes it next to what is there: a file that stays would configure the same interfaces in another way. */
export interface NetworkFiles {
  /** Paths in the system; a star stands for any characters of a name. */
  pattern: string;
  /** True for a file that configures an interface that may be one of this machine's own. */
  belongs(text: string): boolean;
  /** Written in its place: other programs expect the file. */
  instead?: string;
}

const always = (): boolean => true;

export const earlierNetwork: NetworkFiles[] = [
  { pattern: 'etc/netplan/*.yaml', belongs: (text) => /^\s*(ethernets|bonds|bridges|vlans|wifis)\s*:/m.test(text) },
  {
    pattern: 'etc/network/interfaces',
    belongs: namesInterface,
    instead: 'auto lo\niface lo inet loopback\n\nsource /etc/network/interfaces.d/*\n',
  },
  { pattern: 'etc/network/interfaces.d/*', belongs: namesInterface },
  { pattern: 'etc/systemd/network/*.network', belongs: matchesEthernet },
  { pattern: 'etc/systemd/network/*.link', belongs: matchesAddress },
  { pattern: 'etc/NetworkManager/system-connections/*', belongs: isEthernetConnection },
  { pattern: 'etc/NetworkManager/conf.d/*cloud-init*.conf', belongs: always },
  { pattern: 'etc/sysconfig/network-scripts/ifcfg-*', belongs: (text) => !/^DEVICE="?lo"?\s*$/m.test(text) },
];

/** interfaces(5): another than the loopback. */
function namesInterface(text: string): boolean {
  return /^\s*iface\s+(?!lo\s)\S/m.test(text);
}

/** systemd.network(5): a file without a match is for all interfaces. Names of Ethernet's begin with e: systemd.net-naming-scheme(7). */
function matchesEthernet(text: string): boolean {
  const names = /^Name=(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/);
  return names === undefined || matchesAddress(text) || names.some((name) => /^[e*?[!]/.test(name));
}

/** systemd.link(5): a rule for one machine's card. */
function matchesAddress(text: string): boolean {
  return /^(Permanent)?MACAddress=|^Path=/m.test(text);
}

/** nm-settings-keyfile(5). */
function isEthernetConnection(text: string): boolean {
  return /^type=(ethernet|802-3-ethernet)\s*$/m.test(text);
}
