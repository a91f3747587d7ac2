import type { Schema } from './schema.ts';

const path = { type: 'string' } as const;
const paths = { type: 'array', items: path } as const;

/** What the server has found in the root file system of an image directory. */
export const imageFactsSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://pvmlab.local/schemas/image-facts.schema.json',
  title: 'Image facts',
  description:
    'Field "facts" of an image in GET /api/images: what image-inspector has read in its root file system. Paths begin with "/" and are those of the installed system, with every link followed.',
  type: 'object',
  required: [
    ...['rootfs', 'packing', 'packedBytes', 'unpackedBytes', 'files', 'kernels', 'bootKernels', 'modulesArchive'],
    ...['bootLoader', 'cloudInit', 'escapes', 'durationMs'],
  ],
  properties: {
    rootfs: { description: 'The tarball.', type: 'string', examples: ['rootfs.tar.gz'] },
    packing: { description: 'By its first bytes.', enum: ['gzip', 'zstd', 'xz', 'bzip2', 'tar'] },
    packedBytes: { description: 'Length of the tarball.', type: 'integer', minimum: 0, examples: [204_004_137] },
    unpackedBytes: {
      description: 'Bytes of content of all its files; the file system takes a little more.',
      type: 'integer',
      minimum: 0,
      examples: [589_123_456],
    },
    files: { description: 'Entries of any kind.', type: 'integer', minimum: 0, examples: [28_431] },
    osRelease: {
      description: 'Of /etc/os-release or /usr/lib/os-release; absent: it has none. See os-release(5).',
      type: 'object',
      required: ['id', 'idLike', 'prettyName', 'versionId'],
      properties: {
        id: { type: 'string', examples: ['ubuntu'] },
        idLike: { type: 'array', items: { type: 'string' }, examples: [['debian']] },
        prettyName: { type: 'string', examples: ['Ubuntu 24.04.3 LTS'] },
        versionId: { type: 'string', examples: ['24.04'] },
      },
    },
    family: { description: 'How it is made bootable; absent: it cannot be.', enum: ['debian', 'fedora'] },
    architecture: {
      description:
        'Of the programs, by the ELF header of the init program or, where that is a script, of the shell; "machine 243" for one that has no name here (e_machine of elf(5)). Absent: there is no such program.',
      type: 'string',
      examples: ['x86_64', 'aarch64'],
    },
    init: { description: 'The init program; absent: there is none.', ...path, examples: ['/usr/lib/systemd/systemd'] },
    root: {
      description: 'Mode and owner of the entry "./"; absent: the tarball has none, and the installer makes it.',
      type: 'object',
      required: ['mode', 'uid', 'gid'],
      properties: {
        mode: { description: 'Octal.', type: 'string', examples: ['0755'] },
        uid: { type: 'integer' },
        gid: { type: 'integer' },
      },
    },
    kernels: {
      description: 'Releases in the root file system that have a kernel, modules or both, the newest first.',
      type: 'array',
      items: {
        type: 'object',
        required: ['release', 'modules', 'index'],
        properties: {
          release: { type: 'string', examples: ['6.8.0-87-generic'] },
          kernel: { ...path, examples: ['/boot/vmlinuz-6.8.0-87-generic'] },
          initramfs: { ...path, examples: ['/boot/initrd.img-6.8.0-87-generic'] },
          modules: { description: 'How many.', type: 'integer', minimum: 0 },
          index: { description: 'Whether there is a modules.dep.', type: 'boolean' },
        },
      },
    },
    bootKernels: {
      description: 'Kernels in the image directory, which boot the installer, the newest first.',
      type: 'array',
      items: {
        type: 'object',
        required: ['file'],
        properties: {
          file: { type: 'string', examples: ['vmlinuz-6.8.0-87-generic'] },
          release: { description: 'By its name, else by its header; absent: neither tells.', type: 'string' },
          ownRelease: { description: 'By its header, where its name says another one.', type: 'string' },
        },
      },
    },
    modulesArchive: {
      description: 'Releases in modules.cpio.gz; null: it is not there or cannot be read.',
      anyOf: [
        { type: 'null' },
        {
          type: 'array',
          items: {
            type: 'object',
            required: ['release', 'modules', 'index'],
            properties: {
              release: { type: 'string' },
              modules: { type: 'integer', minimum: 0 },
              index: { type: 'boolean' },
            },
          },
        },
      ],
    },
    initramfsProgram: {
      description: 'What makes an initramfs there.',
      ...path,
      examples: ['/usr/sbin/update-initramfs'],
    },
    bootLoader: {
      type: 'object',
      required: ['shims', 'grubs', 'espFiles'],
      properties: {
        installer: { ...path, examples: ['/usr/sbin/grub-install', '/usr/sbin/grub2-install'] },
        modules: {
          description: "Directory of GRUB's EFI modules for this architecture.",
          ...path,
          examples: ['/usr/lib/grub/x86_64-efi'],
        },
        shims: { description: 'For this architecture.', ...paths, examples: [['/usr/lib/shim/shimx64.efi.signed']] },
        grubs: {
          description: 'EFI programs of GRUB for this architecture, signed where the distribution signs them.',
          ...paths,
          examples: [['/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed']],
        },
        espFiles: { description: 'Content of /boot/efi, the first fifty files.', ...paths },
      },
    },
    cloudInit: { type: 'boolean' },
    selinux: {
      type: 'object',
      required: ['mode', 'setfiles'],
      properties: {
        mode: { description: 'SELINUX of /etc/selinux/config.', type: 'string', examples: ['enforcing'] },
        setfiles: { description: 'Whether the program that labels files is there.', type: 'boolean' },
      },
    },
    escapes: {
      description: 'Entries that lead out of the root file system, with how; the first ten.',
      type: 'array',
      items: { type: 'string' },
    },
    durationMs: { description: 'How long the inspection took.', type: 'integer', minimum: 0 },
  },
} as const satisfies Schema;
