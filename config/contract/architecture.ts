/** Machine names as the kernel (`uname -m`), pvmlab and our URLs spell them. */
export type Arch = (typeof architectureNames)[number];

export const architectureNames = ['x86_64', 'aarch64'] as const;

export interface ArchitectureFacts {
  /** dpkg's name. */
  debian: 'amd64' | 'arm64';
  /** Node's and npm's name. */
  node: 'x64' | 'arm64';
  /** Value of the kernel's `console=` for the first serial port. */
  console: string;
  /** Our name of the iPXE binary, the network boot program. */
  ipxe: string;
  /** What iPXE's setting `buildarch` says on such a machine; BIOS starts 32-bit code. */
  ipxeBuilds: readonly string[];
  /** Removable-media loader in EFI/BOOT (UEFI 2.10, 3.5.1.1). */
  removableLoader: string;
  /** `grub-install --target`. */
  grubTarget: string;
}

export const architectures: Record<Arch, ArchitectureFacts> = {
  x86_64: {
    debian: 'amd64',
    node: 'x64',
    console: 'ttyS0,115200',
    ipxe: 'ipxe-x86_64.efi',
    ipxeBuilds: ['x86_64', 'i386'],
    removableLoader: 'BOOTX64.EFI',
    grubTarget: 'x86_64-efi',
  },
  aarch64: {
    debian: 'arm64',
    node: 'arm64',
    console: 'ttyAMA0',
    ipxe: 'ipxe-arm64.efi',
    ipxeBuilds: ['arm64'],
    removableLoader: 'BOOTAA64.EFI',
    grubTarget: 'arm64-efi',
  },
};
