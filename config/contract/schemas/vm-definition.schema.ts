import { macPattern, whyNoMachine } from '../../kit/mac.ts';
import { installSchema } from './install-options.schema.ts';
import type { Schema } from './schema.ts';

/** A VM as its file describes it. */
export const vmDefinitionSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://pvmlab.local/schemas/vm-definition.schema.json',
  title: 'VM definition',
  description: 'One virtual machine: /mnt/host/vms/<name>.json. Fields that are not listed here are ignored.',
  type: 'object',
  required: ['name', 'arch', 'mac'],
  properties: {
    $schema: { type: 'string' },
    name: {
      description:
        'The file is <name>.json. The host name of the guest is the same, with a hyphen for each run of "_" and ".".',
      type: 'string',
      pattern: '^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$',
      errorHint:
        'a name such as web1: 1 to 63 letters, digits, hyphens, underscores and dots, with a letter or digit at both ends',
      examples: ['web1'],
      $comment:
        'Names under which every machine looks for something of its own accord, in any spelling; the lint rule reserved-name has those that only confuse.',
      allOf: [
        {
          not: { type: 'string', pattern: '^[Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]$' },
          errorProblem: 'is what each machine calls itself (RFC 6761, 6.3)',
          errorHint: 'another name, such as web1',
        },
        {
          not: { type: 'string', pattern: '^[Ww][Pp][Aa][Dd]$' },
          errorProblem:
            'is where browsers look for a proxy, so they would send this VM their traffic (CVE-2009-0093, VU#598349)',
          errorHint: 'another name, such as web1',
        },
        {
          not: { type: 'string', pattern: '^[Ii][Ss][Aa][Tt][Aa][Pp]$' },
          errorProblem:
            'is where machines look for an IPv6 tunnel, so they would send this VM their traffic (RFC 5214, 8.3.2)',
          errorHint: 'another name, such as web1',
        },
      ],
    },
    role: {
      description: "A target is installed or booted; the provisioner's own record gets DNS and DHCP only.",
      default: 'target',
      enum: ['target', 'provisioner'],
    },
    arch: { enum: ['aarch64', 'x86_64'] },
    mac: {
      description: 'Hardware address of the network card that boots, in any common spelling.',
      type: 'string',
      format: 'mac-spelling',
      errorHint: 'six hex pairs such as 52:54:00:12:34:56',
      examples: ['52:54:00:12:34:56'],
      $comment: 'All zeros, then group addresses (IEEE 802-2014, 8.2.2), in every spelling that "format" lets through.',
      allOf: [
        {
          not: {
            type: 'string',
            pattern: macPattern({ pair: '00', single: '0' }, '0'),
          },
          errorProblem: `is no machine's address: ${whyNoMachine.zero}`,
          errorHint: 'an address of its own, such as 52:54:00:12:34:56, here and where the VM is started',
        },
        {
          not: {
            type: 'string',
            pattern: macPattern({ pair: '[0-9A-Fa-f][13579BDFbdf]', single: '[13579BDFbdf]' }, '[0-9A-Fa-f]'),
          },
          errorProblem: `is no machine's address: ${whyNoMachine.group}`,
          errorHint: 'an address whose second digit is even, such as 52:54:00:12:34:56',
        },
      ],
    },
    ip: {
      description: 'Reserved IPv4 address, without prefix; empty or absent: one from the dynamic range.',
      type: 'string',
      format: 'machine-ipv4-or-empty',
      errorHint: 'an IPv4 address of one machine, without prefix, such as 192.168.105.20, or nothing',
      examples: ['192.168.105.20'],
    },
    subnet: {
      description: 'The network of `ip` in CIDR form.',
      type: 'string',
      format: 'ipv4-cidr-or-empty',
      errorHint: 'an IPv4 network such as 192.168.105.0/24, or nothing',
      examples: ['192.168.105.0/24'],
    },
    ipv6: {
      description: 'Reserved IPv6 address, without prefix.',
      type: 'string',
      format: 'machine-ipv6-or-empty',
      errorHint: 'an IPv6 address of one machine, without prefix, such as fd00:105::20, or nothing',
      examples: ['fd00:105::20'],
    },
    subnetv6: {
      description: 'The network of `ipv6` in CIDR form.',
      type: 'string',
      format: 'ipv6-cidr-or-empty',
      errorHint: 'an IPv6 network such as fd00:105::/64, or nothing',
      examples: ['fd00:105::/64'],
    },
    pxeboot: {
      description: "true: install over the network; false or absent: boot the distribution's own kernel and initrd.",
      type: 'boolean',
      default: false,
    },
    distro: {
      description: 'Directory under images/; absent: the VM gets DHCP and DNS, and nothing to boot.',
      type: 'string',
      pattern: '^([A-Za-z0-9][A-Za-z0-9._-]{0,62})?$',
      errorHint: 'a directory name under images/ such as debian-12',
      examples: ['ubuntu-24.04', 'fedora-40', 'debian-12'],
    },
    kernel: {
      description: 'File name in images/<distro>/<arch>/; absent: the newest vmlinuz*.',
      type: 'string',
      pattern: '^([A-Za-z0-9][A-Za-z0-9._+~-]{0,127})?$',
      errorHint: 'a file name such as vmlinuz-6.8.0-87-generic',
      examples: ['vmlinuz-6.8.0-87-generic'],
    },
    initrd: {
      description: 'File name in images/<distro>/<arch>/; absent: the newest initrd.img* or initramfs*.',
      type: 'string',
      pattern: '^([A-Za-z0-9][A-Za-z0-9._+~-]{0,127})?$',
      errorHint: 'a file name such as initrd.img-6.8.0-87-generic',
      examples: ['initrd.img-6.8.0-87-generic'],
    },
    ssh_key: {
      description: 'One OpenSSH public key line; the user ubuntu logs in with it.',
      type: 'string',
      format: 'ssh-public-key-or-empty',
      errorHint: 'one OpenSSH public key line such as "ssh-ed25519 AAAAC3Nz… me@laptop"',
      examples: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvT1u0m2yKnRZrXlqFHC7sfI6X7oGgAqQ0t2cQ0p6fG me@laptop'],
    },
    install: installSchema,
  },
} as const satisfies Schema;
