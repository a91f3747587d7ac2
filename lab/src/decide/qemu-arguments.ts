import type { Arch } from '@pxeboot/config/contract/architecture';
import { InputError } from '@pxeboot/config/kit/errors';

export type Accelerator = 'kvm' | 'tcg';

/** How the disk is attached; `scsi`: to a virtio-scsi controller; `nvme-4k`: with sectors of 4096 bytes; `sata`: to the AHCI
 * controller that x86_64's board has. */
export const diskBuses = ['virtio', 'scsi', 'nvme-4k', 'sata'] as const;
export type DiskBus = (typeof diskBuses)[number];
/** How a second disk is attached. */
export const spareBuses = ['virtio', 'usb'] as const;
export type SpareBus = (typeof spareBuses)[number];
/** An NVMe disk must have one. */
export const diskSerial = 'lab-disk';

/** What a disk needs, the disk itself last. */
const diskDevices: Record<DiskBus, readonly [...controller: string[], disk: string]> = {
  virtio: ['virtio-blk-pci,drive=disk0'],
  scsi: ['virtio-scsi-pci,id=scsi0', `scsi-hd,drive=disk0,bus=scsi0.0,serial=${diskSerial}`],
  'nvme-4k': [`nvme,drive=disk0,serial=${diskSerial},logical_block_size=4096,physical_block_size=4096`],
  sata: [`ide-hd,drive=disk0,bus=ide.0,serial=${diskSerial}`],
};

const spareDevices: Record<SpareBus, readonly string[]> = {
  virtio: ['virtio-blk-pci,drive=disk1'],
  usb: ['qemu-xhci,id=usb0', 'usb-storage,drive=disk1,bus=usb0.0'],
};

export interface Machine {
  arch: Arch;
  accelerator: Accelerator;
  mac: string;
  tap: string;
  memoryMiB: number;
  cpus: number;
  firmwareCode: string;
  /** This VM's own copy of the variable store. */
  firmwareVars: string;
  /** None: a machine without a disk. */
  disk?: string;
  bus: DiskBus;
  spareDisk?: { file: string; bus: SpareBus };
  spareNic: SpareNic;
  /** What the firmware tries first. */
  first: 'disk' | 'network';
  /** How the firmware boots from the network. */
  networkBoot: 'pxe' | 'http';
  firmware: FirmwareKind;
  consoleSocket: string;
  consoleLog: string;
  qmpSocket: string;
  /** Skips firmware boot options, PXE and iPXE. */
  kernel?: { image: string; initrd: string; commandLine: string };
}

/** A second network card, which firmware and kernel find first. The link of each is up; its cable leads nowhere, or into a network of
 * its own with a DHCP server that offers nothing to boot and, by "restrict", no way out. */
export type SpareNic = 'none' | 'unplugged' | 'other-network';

const spareNics: Record<SpareNic, string | undefined> = {
  none: undefined,
  unplugged: 'hubport,id=net1,hubid=1',
  'other-network': 'user,id=net1,restrict=on',
};

function spareNicArguments(nic: SpareNic): string[] {
  const backend = spareNics[nic];
  return backend === undefined ? [] : ['-netdev', backend, '-device', 'virtio-net-pci,netdev=net1,romfile='];
}

/** `secure-boot`: what starts only loaders that Microsoft's keys sign, from disks alone, since iPXE is not signed. */
export type FirmwareKind = 'usual' | 'secure-boot';

interface Firmware {
  code: string;
  vars: string;
}

interface Board extends Firmware {
  program: string;
  machine: string;
  /** The model without KVM. */
  cpu: string;
  secureBoot?: Firmware;
}

/** 4M images need each other; "-M virt" of aarch64 takes 64 MiB images. */
export const boards: Record<Arch, Board> = {
  x86_64: {
    program: 'qemu-system-x86_64',
    machine: 'q35',
    cpu: 'max',
    code: '/usr/share/OVMF/OVMF_CODE_4M.fd',
    vars: '/usr/share/OVMF/OVMF_VARS_4M.fd',
    // The store with Microsoft's keys; Debian's package ovmf, README.Debian.
    secureBoot: { code: '/usr/share/OVMF/OVMF_CODE_4M.secboot.fd', vars: '/usr/share/OVMF/OVMF_VARS_4M.ms.fd' },
  },
  aarch64: {
    program: 'qemu-system-aarch64',
    machine: 'virt',
    cpu: 'cortex-a72',
    code: '/usr/share/AAVMF/AAVMF_CODE.fd',
    vars: '/usr/share/AAVMF/AAVMF_VARS.fd',
  },
};

/** Code and blank variable store of a board. @throws InputError it has none with Secure Boot */
export function firmwareOf(arch: Arch, kind: FirmwareKind): Firmware {
  const board = boards[arch];
  if (kind === 'usual') return board;
  if (board.secureBoot === undefined)
    throw new InputError(`start a VM of ${arch} with Secure Boot: it has no such firmware`);
  return board.secureBoot;
}

/** Its variables are written in system management mode alone (edk2: OvmfPkg/README, SMM_REQUIRE). */
const secureStore = [
  ...['-global', 'driver=cfi.pflash01,property=secure,value=on'],
  ...['-global', 'ICH9-LPC.disable_s3=1'],
];

/** The firmware offers PXE and HTTP boot, PXE first (edk2: OvmfPkg/RUNTIME_CONFIG.md). */
const withoutPxe = ['IPv4PXESupport', 'IPv6PXESupport'].flatMap((name) => [
  '-fw_cfg',
  `name=opt/org.tianocore/${name},string=no`,
]);

/** QEMU's arguments. `-no-reboot`: after a warm reset under TCG the next kernel's decompressor crawls for minutes,
 * so whoever runs the machine starts QEMU anew. `romfile=`: the firmware's own PXE, not QEMU's iPXE. */
export function qemuArguments(machine: Machine): string[] {
  const board = boards[machine.arch];
  const secure = machine.firmware === 'secure-boot';
  const [diskIndex, networkIndex] = machine.first === 'disk' ? [1, 2] : [2, 1];
  return [
    ...['-nodefaults', '-M', `${board.machine}${secure ? ',smm=on' : ''}`, '-no-reboot', '-display', 'none'],
    ...(secure ? secureStore : []),
    ...acceleratorArguments(machine, board),
    ...['-smp', `${machine.cpus}`, '-m', `${machine.memoryMiB}`],
    ...[
      '-chardev',
      `socket,id=console,path=${machine.consoleSocket},server=on,wait=off,logfile=${machine.consoleLog},logappend=on`,
    ],
    ...['-serial', 'chardev:console'],
    ...['-qmp', `unix:${machine.qmpSocket},server=on,wait=off`],
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${machine.firmwareCode}`],
    ...['-drive', `if=pflash,format=raw,file=${machine.firmwareVars}`],
    ...diskArguments(machine, diskIndex),
    ...spareNicArguments(machine.spareNic),
    ...['-netdev', `tap,id=net0,ifname=${machine.tap},script=no,downscript=no`],
    ...['-device', `virtio-net-pci,netdev=net0,mac=${machine.mac},romfile=,bootindex=${networkIndex}`],
    ...['-device', 'virtio-rng-pci'],
    ...(machine.networkBoot === 'http' ? withoutPxe : []),
    ...kernelArguments(machine.kernel),
  ];
}

function acceleratorArguments(machine: Machine, board: Board): string[] {
  return machine.accelerator === 'kvm'
    ? ['-accel', 'kvm', '-cpu', 'host']
    : ['-accel', 'tcg,thread=multi', '-cpu', board.cpu];
}

// cache=unsafe: a lab disk need not survive a crash of the host.
function diskArguments({ disk, bus, spareDisk }: Machine, bootIndex: number): string[] {
  const drive = (file: string, id: string): string[] => [
    '-drive',
    `file=${file},if=none,id=${id},format=qcow2,cache=unsafe,discard=unmap`,
  ];
  return [
    ...(disk === undefined ? [] : [...drive(disk, 'disk0'), ...devices(diskDevices[bus], `bootindex=${bootIndex}`)]),
    ...(spareDisk === undefined ? [] : [...drive(spareDisk.file, 'disk1'), ...devices(spareDevices[spareDisk.bus])]),
  ];
}

/** @param property of the last device */
function devices(all: readonly string[], property?: string): string[] {
  return all.flatMap((device, index) => [
    '-device',
    property !== undefined && index === all.length - 1 ? `${device},${property}` : device,
  ]);
}

function kernelArguments(kernel: Machine['kernel']): string[] {
  return kernel === undefined ? [] : ['-kernel', kernel.image, '-initrd', kernel.initrd, '-append', kernel.commandLine];
}
