import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import type { Command, Place } from './commands.ts';
import { commands, plannedPlace } from './commands.ts';
import { markerName, waitingName } from './plan/marker.ts';
import type { Step, StepKind, StepOf } from './steps.ts';

/** What a step does besides commands: downloads and files. */
const ownWork: { [Kind in StepKind]?: (step: StepOf<Kind>, place: Place) => string[] } = {
  'install-kernel': ({ url, release, modules }, { target }) => [
    `(if the root file system lacks it) fetch ${url} > ${target}/boot/vmlinuz-${release}`,
    ...(modules === undefined
      ? []
      : [`(if the root file system lacks the modules or their index) fetch ${modules.url} | sha256sum`]),
  ],
  'write-seed': ({ files }, { target }) => [
    ...files.map(({ name }) => `write ${target}/var/lib/cloud/seed/nocloud-net/${name}`),
    `write ${target}/etc/cloud/cloud.cfg.d/zz-pxeboot.cfg`,
  ],
  'write-system': ({ hostname }, { target }) => [
    `write ${target}/etc/fstab`,
    ...(hostname === '' ? [] : [`write ${target}/etc/hostname`]),
    `write ${target}/etc/default/grub.d/90-pxeboot.cfg`,
    `write ${target}/etc/systemd/networkd.conf.d/90-pxeboot.conf`,
    `empty ${target}/etc/machine-id`,
    `remove ${target}/var/lib/dbus/machine-id`,
    `remove ${target}/etc/ssh/ssh_host_*`,
  ],
  'write-marker': (_step, { target }) => [`write ${target}/boot/efi/${markerName}`],
  'boot-loader': (_step, { target }) => [
    `write ${target}/boot/grub/grub.cfg`,
    `make ${target}/boot/efi/${waitingName}`,
  ],
};

/** Everything that a step does, one line for each command. */
export function commandLines<Kind extends StepKind>(step: StepOf<Kind>, place: Place = plannedPlace): string[] {
  // The tables' types pair each kind with its functions; TypeScript cannot follow that through an index.
  const own = ownWork[step.kind] as unknown as ((step: Step, place: Place) => string[]) | undefined;
  const commandsOf = commands[step.kind] as unknown as (step: Step, place: Place) => Record<string, Command>;
  const lines = Object.values(commandsOf(step, place)).map(commandLine);
  if (step.kind === 'unpack') return [[`fetch ${(step as StepOf<'unpack'>).url}`, ...lines].join(' | ')];
  return [...(own?.(step, place) ?? []), ...lines];
}

function commandLine({ file, args, input, only }: Command): string {
  const before = only === undefined ? '' : `(${only}) `;
  const feed = input === undefined ? '' : `${quoteCommand('printf', ['%s\\n', ...input.trimEnd().split('\n')])} | `;
  return `${before}${feed}${quoteCommand(file, args)}`;
}
