import type { VmDefinition } from '../contract/vm-definition.ts';
import type { Fault } from '../kit/fault.ts';
import { showValue } from '../kit/text.ts';

/** What two VMs must not share. */
const uniqueFields = ['mac', 'ip', 'ipv6', 'name'] as const;

/** One file's wishes. */
export interface Claimant {
  file: string;
  /** What the file says now, when that is valid. */
  wanted?: VmDefinition;
  /** What was in force for it until now. */
  lastGood?: VmDefinition;
}

export interface Settlement {
  /** What is in force for the file; undefined: nothing. */
  definition?: VmDefinition;
  /** Why `wanted` is not. */
  faults: Fault[];
}

/** Decides between files that claim one MAC, address or name. The rule, also in README.md:
 *
 * 1. Nothing is taken away: who has a value in force and still asks for it keeps it. Who asks for a value that another
 *    keeps stays at his last good definition, whole.
 * 2. Between files in force that both ask for a value that nobody had, the first by file name gets it.
 * 3. Files that were not in force come after all that were: the provisioner's own record first, then by file name.
 * @returns for each file what is in force; the definitions in force share no value
 * @param claimants sorted by file; their `lastGood` share no value */
export function settleConflicts(claimants: readonly Claimant[]): Map<string, Settlement> {
  const incumbents = claimants.filter(({ lastGood }) => lastGood !== undefined);
  const newcomers = claimants.filter(({ lastGood }) => lastGood === undefined);
  const chosen = new Map<string, VmDefinition>();
  for (const { file, wanted, lastGood } of incumbents) setIfGiven(chosen, file, wanted ?? lastGood);
  while (stepBack(incumbents, chosen));
  const holders = holdersOf(chosen);
  while (stepForward(incumbents, chosen, holders));
  for (const { file, wanted } of newcomers.toSorted(provisionerFirst)) {
    if (wanted === undefined || conflictsOf(file, wanted, holders).length > 0) continue;
    chosen.set(file, wanted);
    claim(holders, file, wanted);
  }
  return new Map(claimants.map((claimant) => [claimant.file, toSettlement(claimant, chosen, holders)]));
}

/** Who loses a contested value goes back to his last good definition. Since the last good ones share no value this ends.
 * @returns false when nobody had to */
function stepBack(incumbents: readonly Claimant[], chosen: Map<string, VmDefinition>): boolean {
  const winners = new Map<string, string>();
  for (const { file, lastGood } of incumbents) {
    const keys = keysOf(chosen.get(file));
    const kept = new Set(keysOf(lastGood));
    for (const key of keys) if (kept.has(key)) winners.set(key, file);
  }
  let moved = false;
  for (const { file, lastGood } of incumbents) {
    if (chosen.get(file) === lastGood) continue;
    for (const key of keysOf(chosen.get(file))) if (!winners.has(key)) winners.set(key, file);
    if (keysOf(chosen.get(file)).every((key) => winners.get(key) === file)) continue;
    setIfGiven(chosen, file, lastGood);
    moved = true;
  }
  return moved;
}

/** Who went back for a value that has become free since gets what he wanted. @returns false when nobody could */
function stepForward(
  incumbents: readonly Claimant[],
  chosen: Map<string, VmDefinition>,
  holders: Map<string, string>,
): boolean {
  let moved = false;
  for (const { file, wanted, lastGood } of incumbents) {
    if (wanted === undefined || chosen.get(file) === wanted || conflictsOf(file, wanted, holders).length > 0) continue;
    for (const key of keysOf(lastGood)) holders.delete(key);
    claim(holders, file, wanted);
    chosen.set(file, wanted);
    moved = true;
  }
  return moved;
}

function toSettlement(
  { file, wanted }: Claimant,
  chosen: ReadonlyMap<string, VmDefinition>,
  holders: ReadonlyMap<string, string>,
): Settlement {
  const definition = chosen.get(file);
  const faults = wanted === undefined || wanted === definition ? [] : conflictsOf(file, wanted, holders);
  return definition === undefined ? { faults } : { definition, faults };
}

function conflictsOf(file: string, vm: VmDefinition, holders: ReadonlyMap<string, string>): Fault[] {
  return uniqueFields.flatMap((field) => {
    const holder = vm[field] === undefined ? undefined : holders.get(`${field} ${vm[field]}`);
    if (holder === undefined || holder === file) return [];
    const fix = `change "${field}" in ${file} or in ${holder}`;
    return [{ file, path: `/${field}`, value: showValue(vm[field]), problem: `is already held by ${holder}`, fix }];
  });
}

function holdersOf(chosen: ReadonlyMap<string, VmDefinition>): Map<string, string> {
  const holders = new Map<string, string>();
  for (const [file, vm] of chosen) claim(holders, file, vm);
  return holders;
}

function claim(holders: Map<string, string>, file: string, vm: VmDefinition): void {
  for (const key of keysOf(vm)) holders.set(key, file);
}

function keysOf(vm: VmDefinition | undefined): string[] {
  return uniqueFields.flatMap((field) => (vm?.[field] === undefined ? [] : [`${field} ${vm[field]}`]));
}

function setIfGiven(chosen: Map<string, VmDefinition>, file: string, vm: VmDefinition | undefined): void {
  if (vm !== undefined) chosen.set(file, vm);
}

function provisionerFirst(a: Claimant, b: Claimant): number {
  return Number(b.wanted?.role === 'provisioner') - Number(a.wanted?.role === 'provisioner');
}
