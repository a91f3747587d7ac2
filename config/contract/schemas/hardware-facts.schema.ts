import type { Schema } from './schema.ts';

/** The machine as the installer reports it. */
export const hardwareFactsSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://pvmlab.local/schemas/hardware-facts.schema.json',
  title: 'Hardware facts',
  description:
    'Field "facts" of a status event: the machine as the installer has read it. Fields that are not listed here are left out, so that the facts of a newer installer are taken by an older server. The installer cuts what is longer than these limits.',
  type: 'object',
  required: ['disks', 'uefi', 'memoryBytes', 'availableMemoryBytes', 'kernelRelease'],
  properties: {
    disks: {
      type: 'array',
      maxItems: 1024,
      items: {
        type: 'object',
        required: [
          'name',
          'path',
          'links',
          'sizeBytes',
          'logicalSectorBytes',
          'transport',
          'removable',
          'readOnly',
          'model',
          'serial',
          'wwn',
          'uses',
        ],
        properties: {
          name: {
            description: 'As in /sys/block; Linux: DISK_NAME_LEN is 32.',
            type: 'string',
            pattern: '^[A-Za-z0-9!._:-]{1,32}$',
            errorHint: "the kernel's name of a disk such as vda",
          },
          path: { description: 'Its device node.', type: 'string', pattern: '^/dev/', maxLength: 64 },
          links: {
            description:
              'Names under /dev/disk/by-diskseq/ and shorter directories, each of at most 255 bytes (Linux: NAME_MAX). udev makes five or six for a disk.',
            type: 'array',
            maxItems: 64,
            items: { type: 'string', maxLength: 276 },
          },
          sizeBytes: { $ref: '#/$defs/bytes' },
          logicalSectorBytes: { $ref: '#/$defs/bytes' },
          transport: { enum: ['virtio', 'xen', 'nvme', 'sata', 'scsi', 'mmc', 'usb', 'other'] },
          removable: { type: 'boolean' },
          readOnly: { type: 'boolean' },
          model: { description: 'ATA and NVMe have 40 characters, SCSI 16.', type: 'string', maxLength: 255 },
          serial: {
            description:
              'ATA, NVMe and virtio have 20 characters, SCSI at most 251 in a page of 255 bytes (Linux: SCSI_VPD_PG_LEN).',
            type: 'string',
            maxLength: 255,
          },
          wwn: {
            description:
              "As the kernel writes it; empty when it has none. The longest of NVMe has 140 characters (nvme.<vendor>-<serial>-<model>-<namespace>, in hex), an identifier of SCSI's page 83h at most 255 bytes.",
            type: 'string',
            maxLength: 255,
          },
          uses: {
            description: 'What it is used for now, in words; empty when it is free.',
            type: 'array',
            maxItems: 64,
            items: { type: 'string', maxLength: 512 },
          },
        },
      },
    },
    uefi: { type: 'boolean' },
    memoryBytes: { $ref: '#/$defs/bytes' },
    availableMemoryBytes: {
      description: 'What programs can still take of it: MemAvailable of proc_meminfo(5).',
      $ref: '#/$defs/bytes',
    },
    kernelRelease: { description: 'uname(2); Linux: __NEW_UTS_LEN is 64.', type: 'string', maxLength: 64 },
  },
  $defs: {
    bytes: {
      description: 'The most is what Linux can count in a file or a disk.',
      type: 'integer',
      minimum: 0,
      maximum: 2 ** 63 - 1,
    },
  },
} as const satisfies Schema;
