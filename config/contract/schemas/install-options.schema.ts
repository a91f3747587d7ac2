import type { Schema } from './schema.ts';

/** What a VM's definition says of its installation. The installer's configuration has the same fields: a new one is written here
 * and reaches the installer by itself, with its default where it is absent. */
export const installSchema = {
  description: 'Extensions of pxeboot_stack; every key that is not listed is an error.',
  type: 'object',
  default: {},
  additionalProperties: false,
  properties: {
    kernel_args: {
      description:
        "Added to the kernel line of the installer and of the installed system; ip= and initrd.mode= to the installer's only.",
      type: 'array',
      default: [],
      maxItems: 64,
      items: {
        type: 'string',
        pattern: '^[A-Za-z0-9][A-Za-z0-9._,:=/@+%~-]{0,255}$',
        errorHint: 'one kernel argument without spaces or quotes such as mitigations=off',
      },
      examples: [['mitigations=off', 'net.ifnames=0']],
    },
    disk: {
      description: 'Which disk to install to; all that is given must be true of it. Absent: the first suitable one.',
      type: 'object',
      default: {},
      additionalProperties: false,
      properties: {
        path: {
          description: 'Device node, or a link under /dev/disk/.',
          type: 'string',
          pattern: '^/dev/[A-Za-z0-9._:+/-]{1,200}$',
          errorHint: 'a device node such as /dev/vda',
          examples: ['/dev/vda', '/dev/disk/by-id/virtio-root'],
        },
        serial: {
          description: "Serial number; the installer's log shows those of all disks.",
          type: 'string',
          pattern: '^[!-~]([ -~]{0,126}[!-~])?$',
          errorHint: 'a serial number such as S4EWNX0M',
          examples: ['S4EWNX0M', 'root-disk'],
        },
        wwn: {
          description: 'World wide name, with or without 0x, naa. or eui. before it.',
          type: 'string',
          pattern: '^[A-Za-z0-9._:+-]{4,128}$',
          errorHint: 'a world wide name such as 0x5000c500a1b2c3d4',
          examples: ['0x5000c500a1b2c3d4', 'eui.0025385b71b0a1c2'],
        },
        min_size: {
          description: 'Smaller disks are not used.',
          type: 'string',
          pattern: '^[1-9][0-9]{0,6}(MiB|GiB|TiB)$',
          errorHint: 'a size such as 20GiB',
          examples: ['20GiB'],
        },
      },
    },
    initramfs: {
      description:
        "auto: keep the root file system's initramfs when it has a whole one for its kernel with the drivers of the disk; generate: always make a new one.",
      enum: ['auto', 'generate'],
      default: 'auto',
    },
    selinux: {
      description:
        'image: as /etc/selinux/config of the root file system says; enforcing, permissive: set there, and SELinux is started by arguments of the kernel; disabled: by an argument of the kernel. Files are labelled unless it is disabled. A system without SELinux then starts without AppArmor too.',
      enum: ['image', 'enforcing', 'permissive', 'disabled'],
      default: 'image',
      examples: ['permissive'],
    },
    once: {
      description:
        'true: a VM that has been installed boots its disk when it comes over the network again, until <name>.reinstall asks for a new installation; false: each boot over the network installs.',
      type: 'boolean',
      default: false,
      examples: [true],
    },
  },
} as const satisfies Schema;
