import { InputError } from '@pxeboot/config/kit/errors';
import { filled } from '@pxeboot/config/kit/filled';
import { isIpv4, prefixLengthOf } from '@pxeboot/config/kit/ip';
import { macProblem, parseMac } from '@pxeboot/config/kit/mac';

/** How the installer gets its address. */
export type NetworkSetup =
  | { kind: 'dhcp' }
  | {
      kind: 'static';
      address: string;
      prefixLength: number;
      gateway?: string;
      /** Interface name; absent: chosen by MAC, else the first. */
      device?: string;
      nameservers: string[];
    };

export interface InstallerCmdline {
  configUrl: string;
  /** Chooses the interface; absent: the first one with a carrier. */
  installerMac?: string;
  network: NetworkSetup;
}

/** Reads our arguments from the kernel command line; unknown words are the kernel's and are passed over.
 * @param text content of /proc/cmdline
 * @throws InputError config_url is missing, or a value is malformed */
export function parseCmdline(text: string): InstallerCmdline {
  const words = new Map(
    text
      .trim()
      .split(/\s+/)
      .map((word) => splitWord(word)),
  );
  const configUrl = words.get('config_url') ?? '';
  if (!/^https?:\/\//.test(configUrl) || !URL.canParse(configUrl)) {
    throw wrong('config_url', configUrl, 'a URL such as http://192.168.105.1/config/52:54:00:12:34:56');
  }
  const macText = words.get('installer_mac');
  const installerMac = macText === undefined ? undefined : parseMac(macText);
  if (macText !== undefined && installerMac === undefined) {
    throw wrong('installer_mac', macText, 'a MAC address such as 52:54:00:12:34:56', macProblem(macText));
  }
  return {
    configUrl,
    ...(installerMac === undefined ? {} : { installerMac }),
    network: parseNetwork(words.get('ip') ?? 'dhcp'),
  };
}

function splitWord(word: string): [string, string] {
  const equals = word.indexOf('=');
  return equals === -1 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** `dhcp`, or the kernel's static form: Linux, Documentation/admin-guide/nfs/nfsroot.rst, "ip=". */
function parseNetwork(value: string): NetworkSetup {
  if (['dhcp', 'on', 'any'].includes(value)) return { kind: 'dhcp' };
  const [address = '', , gateway = '', netmask = '', , device = '', autoconf = '', ...dns] = value.split(':');
  if (autoconf === 'dhcp' && address === '') return { kind: 'dhcp' };
  const prefixLength = prefixLengthOf(netmask);
  const nameservers = dns.filter((server) => server !== '');
  const addresses = [address, ...[gateway].filter((router) => router !== ''), ...nameservers];
  if (prefixLength === undefined || !addresses.every(isIpv4)) {
    throw wrong(
      'ip',
      value,
      'dhcp, or <client>:<server>:<gateway>:<netmask>:<hostname>:<device>:<autoconf>:<dns0>:<dns1>',
    );
  }
  return {
    kind: 'static',
    address,
    prefixLength,
    ...filled({ gateway, device }),
    nameservers,
  };
}

function wrong(name: string, value: string, expected: string, problem = 'is not valid'): InputError {
  return new InputError(`read the kernel command line: ${name}="${value}" ${problem}; expected ${expected}`);
}
