import type { Schema } from './schema.ts';

/** The container's variables. */
export const environmentSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://pvmlab.local/schemas/environment.schema.json',
  title: 'Container environment',
  description: 'Variables that the container reads; others are ignored.',
  type: 'object',
  required: ['PROVISIONER_IP', 'DHCP_RANGE_START', 'DHCP_RANGE_END'],
  dependentRequired: { DHCP_RANGE_V6_START: ['DHCP_RANGE_V6_END'], DHCP_RANGE_V6_END: ['DHCP_RANGE_V6_START'] },
  properties: {
    PROVISIONER_IP: {
      description: 'Address of this host on the private network.',
      type: 'string',
      format: 'ipv4',
      errorHint: 'an IPv4 address such as 192.168.105.1',
    },
    DHCP_RANGE_START: {
      description: 'First address of the dynamic range.',
      type: 'string',
      format: 'ipv4',
      errorHint: 'an IPv4 address such as 192.168.105.100',
    },
    DHCP_RANGE_END: {
      description: 'Last address of the dynamic range.',
      type: 'string',
      format: 'ipv4',
      errorHint: 'an IPv4 address such as 192.168.105.200',
    },
    DHCP_RANGE_V6_START: {
      description: 'First suffix of the dynamic IPv6 range.',
      type: 'string',
      format: 'ipv6-suffix',
      errorHint: 'the last 64 bits of an IPv6 address such as ::64',
    },
    DHCP_RANGE_V6_END: {
      description: 'Last suffix of the dynamic IPv6 range.',
      type: 'string',
      format: 'ipv6-suffix',
      errorHint: 'the last 64 bits of an IPv6 address such as ::c8',
    },
    PXE_INTERFACE: {
      description: 'The private interface; absent: the one that carries PROVISIONER_IP.',
      type: 'string',
      pattern: '^[^\\s/:]{1,15}$',
      errorHint: 'an interface name of at most 15 characters such as eth1',
    },
    ADMIN_FROM: {
      description: 'Networks and addresses outside the private network that may read everything.',
      type: 'string',
      format: 'ipv4-networks',
      errorHint: 'IPv4 networks and addresses, with commas between them, such as 172.16.5.0/24,172.16.9.9',
    },
    VMS_WATCH: {
      description: 'How changes of VM definitions are noticed; auto: events on local file systems, polling on shares.',
      enum: ['auto', 'events', 'poll'],
      default: 'auto',
    },
  },
} as const satisfies Schema;
