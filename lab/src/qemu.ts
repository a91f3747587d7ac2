import type { Arch } from '@pxeboot/config/architecture';

/** What one VM is made of. */
export interface Machine {
  name: string;
  arch: Arch;
  mac: string;
  tap: string;
  memoryMb: number;
  disk?: string | undefined;
  firmwareVariables: string;
  consoleSocket: string;
  consoleLog: string;
  qmpSocket: string;
}

interface Platform {
  program: string;
  machine: readonly string[];
  firmware: string;
  variables: string;
}

export const platforms: Record<Arch, Platform> = {
  x86_64: {
    program: 'qemu-system-x86_64',
    machine: ['-M', 'q35', '-cpu', 'max'],
    firmware: '/usr/share/OVMF/OVMF_CODE_4M.fd',
    variables: '/usr/share/OVMF/OVMF_VARS_4M.fd',
  },
  aarch64: {
    program: 'qemu-system-aarch64',
    machine: ['-M', 'virt', '-cpu', 'cortex-a72'],
    firmware: '/usr/share/AAVMF/AAVMF_CODE.fd',
    variables: '/usr/share/AAVMF/AAVMF_VARS.fd',
  },
};

/** UEFI, one virtio disk first, then one virtio NIC. Ends at a reset: after a warm reset under emulation the next
 * kernel's decompressor can crawl for two minutes, so the keeper starts QEMU anew. */
export function qemuArguments(machine: Machine): string[] {
  const platform = platforms[machine.arch];
  return [
    ...platform.machine,
    ...['-accel', 'tcg,thread=multi', '-smp', '2', '-m', String(machine.memoryMb)],
    ...['-name', machine.name, '-display', 'none', '-monitor', 'none', '-no-reboot', '-nodefaults'],
    ...['-qmp', `unix:${machine.qmpSocket},server=on,wait=off`],
    '-chardev',
    `socket,id=console,path=${machine.consoleSocket},server=on,wait=off,logfile=${machine.consoleLog},logappend=on`,
    ...['-serial', 'chardev:console'],
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${platform.firmware}`],
    ...['-drive', `if=pflash,format=raw,file=${machine.firmwareVariables}`],
    ...diskArguments(machine.disk),
    ...['-netdev', `tap,id=n0,ifname=${machine.tap},script=no,downscript=no`],
    ...['-device', `virtio-net-pci,netdev=n0,mac=${machine.mac},romfile=,bootindex=2`],
    ...['-device', 'virtio-rng-pci'],
  ];
}

function diskArguments(disk: string | undefined): string[] {
  if (disk === undefined) return [];
  return [
    ...['-drive', `file=${disk},if=none,id=d0,format=qcow2,cache=unsafe,discard=unmap`],
    ...['-device', 'virtio-blk-pci,drive=d0,bootindex=1'],
  ];
}
