import { optionalGrubOptions } from './distro/grub-options.ts';
import { waitingName } from './plan/marker.ts';
import { espLabel, finishedName, rootLabel, unfinishedName } from './plan/plan.ts';
import type { StepKind, StepOf } from './steps.ts';

/** A program that a step runs. The plan is described by the same commands that are run. */
export interface Command {
  file: string;
  args: readonly string[];
  timeoutMs: number;
  /** Text for its standard input. */
  input?: string;
  /** When it is run; absent: always. */
  only?: string;
}

/** What commands need to know beside their step. */
export interface Place {
  /** Mount point of the new root file system. */
  target: string;
  /** Where the installer's own kernel has its modules, by release. */
  ownModules: string;
  /** ID of the new system's /etc/os-release, known when it is unpacked. */
  osId: string;
  /** Those of `optionalGrubOptions` that the new system's grub-install has, known when it is unpacked. */
  grubOptions: readonly string[];
  /** How mount(8) calls the ESP's file system; it is another where a test's kernel knows no FAT. */
  espType: string;
  /** Where the kernel shows the firmware's variables. */
  efivars: string;
  /** Where the kernel shows its devices. */
  sysfs: string;
}

/** As far as it is known before an installation. */
export const plannedPlace: Place = {
  target: '/mnt/target',
  ownModules: '/lib/modules',
  osId: 'ID-of-os-release',
  grubOptions: optionalGrubOptions,
  espType: 'vfat',
  efivars: '/sys/firmware/efi/efivars',
  sysfs: '/sys',
};

/** File system of the new root. */
export const rootType = 'ext4';

const [seconds, minutes] = [1_000, 60_000];

function mountCommand(args: readonly string[], only?: string): Command {
  return { file: 'mount', args, timeoutMs: minutes, ...(only === undefined ? {} : { only }) };
}

/** Unmounts what is mounted at a point. */
export function unmountCommand(point: string): Command {
  return { file: 'umount', args: [point], timeoutMs: minutes };
}

const settle: Command = { file: 'udevadm', args: ['settle', '--timeout=30'], timeoutMs: 40 * seconds };

function setNameCommand(disk: string, partition: number, name: string, only?: string): Command {
  return {
    file: 'sfdisk',
    args: ['--quiet', '--lock', '--part-label', disk, String(partition), name],
    timeoutMs: minutes,
    ...(only === undefined ? {} : { only }),
  };
}

/** GNU tar: owners by number, all extended attributes (file capabilities among them) and ACLs. */
const tarArgs = ['-x', '-p', '--numeric-owner', '--xattrs', '--xattrs-include=*', '--acls', '-f', '-'];

function bindCommand(directory: string, target: string, only?: string): Command {
  return mountCommand(['-o', 'bind', `/${directory}`, `${target}/${directory}`], only);
}

const efivars = 'sys/firmware/efi/efivars';

/** The commands of each kind of step, by what they do. */
export const commands = {
  partition: ({ disk, script }: StepOf<'partition'>) => ({
    writeTable: {
      file: 'sfdisk',
      args: ['--quiet', '--lock', '--wipe', 'always', '--wipe-partitions', 'always', disk],
      timeoutMs: minutes,
      input: script,
    },
    settle,
  }),

  'format-esp': ({ device, volumeId }: StepOf<'format-esp'>) => ({
    format: {
      file: 'mkfs.fat',
      args: ['-F', '32', '-n', espLabel, '-i', volumeId, device],
      timeoutMs: 5 * minutes,
    },
  }),

  /** ext4 without the two features that e2fsck 1.46 and GRUB 2.06 of still supported releases do not know. */
  'format-root': ({ device, uuid }: StepOf<'format-root'>) => ({
    format: {
      file: 'mkfs.ext4',
      args: [
        ...['-q', '-F', '-O', '^orphan_file,^metadata_csum_seed', '-E', 'lazy_itable_init=1,lazy_journal_init=1'],
        ...['-L', rootLabel, '-U', uuid, device],
      ],
      timeoutMs: 5 * minutes,
    },
  }),

  'mount-root': ({ device }: StepOf<'mount-root'>, { target }: Place) => ({
    mount: mountCommand(['-t', rootType, device, target]),
  }),

  /** No time limit: how long it takes is the network's affair. */
  unpack: ({ decompressor }: StepOf<'unpack'>, { target }: Place) => ({
    decompress: { file: decompressor, args: ['-d', '-c'], timeoutMs: Infinity },
    extract: { file: 'tar', args: [...tarArgs, '-C', target], timeoutMs: Infinity },
  }),

  'install-kernel': ({ release }: StepOf<'install-kernel'>, { target, ownModules }: Place) => ({
    copyModules: {
      file: 'cp',
      args: ['-a', `${ownModules}/${release}/.`, `${target}/usr/lib/modules/${release}`],
      timeoutMs: 5 * minutes,
      only: 'if the root file system lacks the modules or their index',
    },
  }),

  'write-seed': () => ({}),
  'write-system': () => ({}),

  'mount-boot': ({ esp }: StepOf<'mount-boot'>, { target }: Place) => ({
    esp: mountCommand(['-t', 'vfat', '-o', 'umask=0077', esp, `${target}/boot/efi`]),
    dev: bindCommand('dev', target),
    proc: bindCommand('proc', target),
    sys: bindCommand('sys', target),
    run: bindCommand('run', target),
    efivars: bindCommand(efivars, target, 'on a machine with EFI variables'),
  }),

  initramfs: ({ disk, release, when }: StepOf<'initramfs'>, { target }: Place) => ({
    depmod: {
      file: 'chroot',
      args: [target, 'depmod', release],
      timeoutMs: 5 * minutes,
      only: 'if an initramfs is made and the modules have no index',
    },
    update: {
      file: 'chroot',
      args: [target, 'update-initramfs', '-u', '-k', release],
      timeoutMs: 30 * minutes,
      only: when === 'always' ? 'if there is one' : `if there is one that is damaged or lacks drivers of ${disk}`,
    },
    create: {
      file: 'chroot',
      args: [target, 'update-initramfs', '-c', '-k', release],
      timeoutMs: 30 * minutes,
      only: 'if there is none, or that leaves it as it was',
    },
  }),

  'boot-loader': ({ grubTarget }: StepOf<'boot-loader'>, { target, osId, grubOptions }: Place) => {
    const program = [target, 'grub-install'];
    const args = [...program, '--target', grubTarget, '--efi-directory', `/boot/efi/${waitingName}`];
    const common = [...args, '--bootloader-id', osId, ...grubOptions];
    const ifListed = `${optionalGrubOptions.join(', ')} only if the help lists it`;
    return {
      help: { file: 'chroot', args: [...program, '--help'], timeoutMs: minutes },
      install: {
        file: 'chroot',
        args: common,
        timeoutMs: 10 * minutes,
        only: `on a machine with EFI variables; ${ifListed}`,
      },
      installWithoutEntry: {
        file: 'chroot',
        args: [...common, '--no-nvram'],
        timeoutMs: 10 * minutes,
        only: `if that fails, or without EFI variables; ${ifListed}`,
      },
    };
  },

  verify: () => ({}),
  'write-marker': () => ({}),

  /** What could not be written is told by sync alone: umount(8) succeeds all the same. */
  unmount: (_step: StepOf<'unmount'>, { target }: Place) => ({
    writeOut: { file: 'sync', args: ['-f', target, `${target}/boot/efi`], timeoutMs: 30 * minutes },
    ...Object.fromEntries(
      [efivars, 'run', 'sys', 'proc', 'dev', 'boot/efi', '']
        .map((name) => `${target}/${name}`.replace(/\/$/, ''))
        .map((point) => [point, unmountCommand(point)]),
    ),
  }),

  /** The name comes first: a disk that starts has always been called an installed one. */
  'mark-installed': ({ disk, partition, esp }: StepOf<'mark-installed'>, { target, espType }: Place) => {
    const only = 'if one of these fails';
    return {
      setName: setNameCommand(disk, partition, finishedName),
      settle,
      mountEsp: mountCommand(['-t', espType, esp, target]),
      showLoader: {
        file: 'mv',
        args: ['-T', `${target}/${waitingName}/EFI`, `${target}/EFI`],
        timeoutMs: minutes,
      },
      tidy: { file: 'rm', args: ['-rf', `${target}/${waitingName}`], timeoutMs: minutes },
      unmountEsp: unmountCommand(target),
      removeLoader: { file: 'rm', args: ['-rf', `${target}/EFI`], timeoutMs: minutes, only },
      takeNameBack: setNameCommand(disk, partition, unfinishedName, only),
    };
  },
} satisfies { [Kind in StepKind]: (step: StepOf<Kind>, place: Place) => Record<string, Command> };
