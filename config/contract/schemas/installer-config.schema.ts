import { installSchema } from './install-options.schema.ts';
import type { Schema } from './schema.ts';

/** Answer of `GET /config/<mac>`. */
export const installerConfigSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://pvmlab.local/schemas/installer-config.schema.json',
  title: 'Installer config',
  description: "Answer of GET /config/<mac>: what os-installer installs. The first seven fields are pvmlab's contract.",
  type: 'object',
  required: ['cloud_init_url', 'distro', 'arch', 'rootfs_url', 'kmods_url', 'kernel_url', 'reboot_on_success'],
  properties: {
    cloud_init_url: {
      description: 'Base of the seed: the installer appends /meta-data, /user-data, /network-config and /vendor-data.',
      type: 'string',
      format: 'http-url',
      errorHint: 'an http URL',
    },
    distro: { type: 'string', minLength: 1, errorHint: 'a distribution such as debian-12' },
    family: {
      description: 'What the server has found in the root file system; absent: it has not been looked at yet.',
      enum: ['debian', 'fedora'],
    },
    arch: { enum: ['aarch64', 'x86_64'] },
    rootfs_url: { type: 'string', format: 'http-url', errorHint: 'an http URL' },
    kmods_url: { type: 'string', format: 'http-url', errorHint: 'an http URL' },
    kernel_url: { type: 'string', format: 'http-url', errorHint: 'an http URL' },
    reboot_on_success: { description: "false: stay in the installer's shell after success.", type: 'boolean' },
    vm: { type: 'string', default: '' },
    mac: { type: 'string', format: 'mac', errorHint: 'six hex pairs such as 52:54:00:12:34:56' },
    status_url: {
      description: 'Where events go; absent: nowhere.',
      type: 'string',
      format: 'http-url',
      errorHint: 'an http URL',
    },
    status_token: {
      description:
        "Proves that events are this VM's: sent with each of them as Authorization: Bearer; absent: none is sent.",
      type: 'string',
      pattern: '^[A-Za-z0-9._~+/-]{1,256}=*$',
      errorHint: 'a bearer token (RFC 6750)',
    },
    console: {
      description: "Value of the installed system's console=; absent: by the architecture.",
      type: 'string',
      pattern: '^[A-Za-z0-9]+(,[A-Za-z0-9]+)?$',
      errorHint: 'a console such as ttyS0,115200',
    },
    ...installSchema.properties,
    // The installer takes more than a definition may say: its contract with pvmlab does not limit these.
    kernel_args: { type: 'array', default: [], items: { type: 'string', pattern: '^[^\\s"\'\\\\]+$' } },
    disk: {
      ...installSchema.properties.disk,
      additionalProperties: true,
      properties: {
        ...installSchema.properties.disk.properties,
        path: { type: 'string', pattern: '^/dev/' },
        serial: { type: 'string', minLength: 1 },
        wwn: { type: 'string', minLength: 1 },
      },
    },
    once: { type: 'boolean', default: false },
    reinstall_token: {
      description:
        'Asks for a reinstallation, if the installed system has not been made for this very token; empty: nothing is asked.',
      type: 'string',
      default: '',
      pattern: '^[A-Za-z0-9._-]{0,128}$',
    },
  },
} as const satisfies Schema;
