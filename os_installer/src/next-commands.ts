import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import type { Step, StepKind, StepOf } from './steps.ts';

/** Where an installation failed: before there was a plan, or in one of its steps. */
export type FailurePoint = { kind: 'network' } | { kind: 'config'; url: string } | { kind: 'plan' } | Step;

const kernelLog = 'dmesg | tail';
const freeSpace = 'df -h';

function fetchAgain(url: string): string {
  return quoteCommand('wget', ['-O', '/dev/null', url]);
}

/** What a person would look at first after a step has failed; all of it is in the initrd and changes nothing. */
const lookAt: { [Kind in StepKind]: (step: StepOf<Kind>, root: string) => string[] } = {
  partition: ({ disk }) => [quoteCommand('sfdisk', ['--list', disk]), kernelLog],
  'format-esp': ({ device }) => [quoteCommand('blkid', ['-p', device]), kernelLog],
  'format-root': ({ device }) => [quoteCommand('blkid', ['-p', device]), kernelLog],
  'mount-root': ({ device }) => [quoteCommand('e2fsck', ['-n', device]), kernelLog],
  unpack: ({ url }, root) => [fetchAgain(url), quoteCommand('e2fsck', ['-n', root])],
  'install-kernel': ({ url }) => [fetchAgain(url), 'ls /lib/modules'],
  'write-seed': () => [freeSpace, kernelLog],
  'write-system': (_step, root) => [...lookInside(root, 'etc/os-release')],
  'mount-boot': ({ esp }) => [quoteCommand('blkid', ['-p', esp]), kernelLog],
  initramfs: ({ release }, root) => lookInside(root, `usr/lib/modules/${release}`),
  'boot-loader': (_step, root) => [...lookInside(root, 'usr/sbin/grub-install'), 'ls /sys/firmware/efi/efivars'],
  verify: ({ release }, root) => lookInside(root, `boot/initrd.img-${release}`),
  'write-marker': () => [kernelLog],
  unmount: () => ['cat /proc/mounts', kernelLog],
  'mark-installed': ({ disk }) => [quoteCommand('sfdisk', ['--list', disk]), kernelLog],
};

/** A failed installation has unmounted what it had mounted. */
function lookInside(root: string, path: string): string[] {
  return [quoteCommand('mount', ['-o', 'ro', root, '/mnt/target']), quoteCommand('ls', ['-l', `/mnt/target/${path}`])];
}

/** Commands that a person is likely to type next in the installer's shell, the last one to try again.
 * @param root device of the root file system; empty before there is a plan */
export function nextCommands(point: FailurePoint, root: string): string[] {
  return [...commandsFor(point, root), 'os-installer'];
}

function commandsFor(point: FailurePoint, root: string): string[] {
  if (point.kind === 'network') return ['ip address', 'cat /proc/cmdline', kernelLog];
  if (point.kind === 'config') return ['ip route', quoteCommand('wget', ['-O', '-', point.url])];
  if (point.kind === 'plan') return ['cat /proc/partitions', 'os-installer --plan'];
  // The table's type pairs each kind with its function; TypeScript cannot follow that through an index.
  return (lookAt[point.kind] as unknown as (step: Step, root: string) => string[])(point, root);
}
