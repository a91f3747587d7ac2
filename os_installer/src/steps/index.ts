import type { Context, Site } from '../context.ts';
import { plannedSite } from '../context.ts';
import type { Decisions } from '../plan/decide.ts';
import { bootLoader } from './boot-loader.ts';
import { formatEsp } from './format-esp.ts';
import { formatRoot } from './format-root.ts';
import { initramfs } from './initramfs.ts';
import { installKernel } from './install-kernel.ts';
import { label } from './label.ts';
import { markInstalled } from './mark-installed.ts';
import { mountBoot } from './mount-boot.ts';
import { mountRoot } from './mount-root.ts';
import { partition } from './partition.ts';
import type { StepDefinition } from './shared/definition.ts';
import { unmount } from './unmount.ts';
import { unpack } from './unpack.ts';
import { verify } from './verify.ts';
import { writeMarker } from './write-marker.ts';
import { writeSeed } from './write-seed.ts';
import { writeSystem } from './write-system.ts';

/** Everything an installation does, in the order in which it is done. A new kind of step needs its file and its place here. */
const kinds = {
  partition,
  'format-esp': formatEsp,
  'format-root': formatRoot,
  'mount-root': mountRoot,
  unpack,
  'install-kernel': installKernel,
  'write-seed': writeSeed,
  'write-system': writeSystem,
  'mount-boot': mountBoot,
  initramfs,
  'boot-loader': bootLoader,
  verify,
  label,
  'write-marker': writeMarker,
  unmount,
  'mark-installed': markInstalled,
};

type DataOf<Definition> = Definition extends StepDefinition<infer Data> ? Data : never;
type DataByKind = { [Kind in keyof typeof kinds]: DataOf<(typeof kinds)[Kind]> };

export type StepKind = keyof DataByKind;
/** A step as data. One that erases something says what in `destroys`. */
export type StepOf<Kind extends StepKind> = { [One in Kind]: { kind: One } & DataByKind[One] }[Kind];
export type Step = StepOf<StepKind>;

/** The same table, typed so that a kind and its data stay together: with `step.kind` as the index, TypeScript knows that
 * the definition takes this very step (correlated unions, TypeScript 4.6). */
const definitions: { [Kind in StepKind]: StepDefinition<DataByKind[Kind]> } = kinds;

/** All steps of an installation, in their order. */
export function planSteps(decisions: Decisions): Step[] {
  return Object.keys(kinds)
    .filter(isKind)
    .map((kind) => planStep(kind, decisions));
}

function isKind(name: string): name is StepKind {
  return Object.hasOwn(kinds, name);
}

function planStep<Kind extends StepKind>(kind: Kind, decisions: Decisions): StepOf<Kind> {
  return { kind, ...definitions[kind].plan(decisions) };
}

/** One line that says what a step does. */
export function describeStep<Kind extends StepKind>(step: StepOf<Kind>): string {
  return definitions[step.kind].describe(step);
}

/** Everything that a step does, one line for each command, download or file. */
export function stepLines<Kind extends StepKind>(step: StepOf<Kind>, site: Site = plannedSite): string[] {
  return definitions[step.kind].lines(step, site);
}

/** Commands for a person to look at what a step was about, after it has failed.
 * @param root device of the root file system */
export function stepHints<Kind extends StepKind>(step: StepOf<Kind>, root: string): string[] {
  return definitions[step.kind].hints(step, root);
}

/** Carries out one step.
 * @throws when it did not fully succeed */
export async function runStep<Kind extends StepKind>(step: StepOf<Kind>, context: Context): Promise<void> {
  await definitions[step.kind].run(step, context);
}
