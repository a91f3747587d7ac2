import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Machine } from '../../src/decide/qemu-arguments.ts';
import { firmwareOf, qemuArguments } from '../../src/decide/qemu-arguments.ts';

const machine: Machine = {
  arch: 'x86_64',
  accelerator: 'tcg',
  mac: '52:54:00:6c:61:0a',
  tap: 'tap-6c610a',
  memoryMiB: 2048,
  cpus: 2,
  firmwareCode: '/usr/share/OVMF/OVMF_CODE_4M.fd',
  firmwareVars: '/vm/vars.fd',
  disk: '/vm/disk.qcow2',
  bus: 'virtio',
  spareNic: 'none',
  first: 'disk',
  networkBoot: 'pxe',
  firmware: 'usual',
  consoleSocket: '/run/lab/vm.console',
  consoleLog: '/vm/console.log',
  qmpSocket: '/run/lab/vm.qmp',
};

function holds(args: readonly string[], fragment: string): boolean {
  return args.some((arg) => arg.includes(fragment));
}

test('the firmware tries the disk first and then the network, by its own PXE', () => {
  const args = qemuArguments(machine);

  assert.ok(args.includes('virtio-blk-pci,drive=disk0,bootindex=1'));
  assert.ok(args.includes('virtio-net-pci,netdev=net0,mac=52:54:00:6c:61:0a,romfile=,bootindex=2'));
});

test('an NVMe disk has sectors of 4096 bytes and is what the firmware boots; a spare disk is not', () => {
  const args = qemuArguments({ ...machine, bus: 'nvme-4k', spareDisk: { file: '/vm/spare.qcow2', bus: 'virtio' } });

  assert.ok(
    args.includes('nvme,drive=disk0,serial=lab-disk,logical_block_size=4096,physical_block_size=4096,bootindex=1'),
  );
  assert.ok(holds(args, 'file=/vm/spare.qcow2,if=none,id=disk1'));
  assert.ok(args.includes('virtio-blk-pci,drive=disk1'));
});

test('a SATA disk hangs on the controller of the board and is what the firmware boots', () => {
  assert.ok(
    qemuArguments({ ...machine, bus: 'sata' }).includes('ide-hd,drive=disk0,bus=ide.0,serial=lab-disk,bootindex=1'),
  );
});

test('a SCSI disk has a controller before it, and is what the firmware boots; a USB disk is not', () => {
  const spareDisk = { file: '/vm/spare.qcow2', bus: 'usb' } as const;

  const args = qemuArguments({ ...machine, bus: 'scsi', spareDisk });

  assert.deepEqual(
    args.filter((arg) => /scsi|usb/.test(arg)),
    [
      'virtio-scsi-pci,id=scsi0',
      'scsi-hd,drive=disk0,bus=scsi0.0,serial=lab-disk,bootindex=1',
      'qemu-xhci,id=usb0',
      'usb-storage,drive=disk1,bus=usb0.0',
    ],
  );
});

test('a second network card comes before the one that the firmware boots from', () => {
  const cards = (spareNic: Machine['spareNic']): string[] =>
    qemuArguments({ ...machine, spareNic }).filter((arg) => arg.startsWith('virtio-net-pci,'));

  for (const kind of ['unplugged', 'other-network'] as const) {
    assert.deepEqual(
      cards(kind).map((card) => /netdev=(\w+),.*?(bootindex)?/.exec(card)?.[1]),
      ['net1', 'net0'],
    );
    assert.ok(!cards(kind)[0]?.includes('bootindex'));
  }
  assert.equal(cards('none').length, 1);
});

test('a machine has the memory that is asked for', () => {
  assert.match(qemuArguments({ ...machine, memoryMiB: 1024 }).join(' '), / -smp 2 -m 1024 /);
});

test('a machine can try the network first', () => {
  const args = qemuArguments({ ...machine, first: 'network' });

  assert.ok(args.includes('virtio-blk-pci,drive=disk0,bootindex=2'));
  assert.ok(holds(args, 'romfile=,bootindex=1'));
});

test('firmware that is to boot over HTTP offers no PXE; else both stay as they are', () => {
  const switches = ['opt/org.tianocore/IPv4PXESupport,string=no', 'opt/org.tianocore/IPv6PXESupport,string=no'];

  const http = qemuArguments({ ...machine, networkBoot: 'http' });

  assert.deepEqual(
    switches.map((each) => [holds(http, each), holds(qemuArguments(machine), each)]),
    [
      [true, false],
      [true, false],
    ],
  );
});

test('a machine without a disk has none', () => {
  const { disk, ...diskless } = machine;

  assert.ok(disk !== undefined);
  assert.ok(!holds(qemuArguments(diskless), 'virtio-blk-pci'));
});

test('a machine ends at a reset, so that QEMU is started anew', () => {
  assert.ok(qemuArguments(machine).includes('-no-reboot'));
});

test('KVM comes with the host’s processor, emulation with a fixed one', () => {
  assert.match(qemuArguments({ ...machine, accelerator: 'kvm' }).join(' '), /-accel kvm -cpu host /);
  assert.match(qemuArguments(machine).join(' '), /-accel tcg,thread=multi -cpu max /);
  assert.match(qemuArguments({ ...machine, arch: 'aarch64' }).join(' '), /-M virt .*-cpu cortex-a72 /);
});

test('a kernel given directly skips firmware boot options', () => {
  const kernel = { image: '/k', initrd: '/i', commandLine: 'console=ttyS0' };

  assert.match(qemuArguments({ ...machine, kernel }).join(' '), /-kernel \/k -initrd \/i -append console=ttyS0$/);
});

test('with Secure Boot the variables are written in system management mode alone, and else not', () => {
  const secure = qemuArguments({ ...machine, firmware: 'secure-boot' });

  assert.ok(secure.includes('q35,smm=on'));
  assert.ok(secure.includes('driver=cfi.pflash01,property=secure,value=on'));
  assert.ok(!qemuArguments(machine).some((arg) => /smm|secure/.test(arg)));
});

test('firmware with Secure Boot is another than the usual one, and refused where the lab has none', () => {
  assert.match(firmwareOf('x86_64', 'secure-boot').vars, /\.ms\.fd$/);
  assert.doesNotMatch(firmwareOf('x86_64', 'usual').vars, /\.ms\.fd$/);
  assert.throws(
    () => firmwareOf('aarch64', 'secure-boot'),
    /start a VM of aarch64 with Secure Boot: it has no such firmware/,
  );
});
