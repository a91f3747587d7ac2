import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import type { Fault } from '@pxeboot/config/kit/fault';

import { ipxeLines } from './ipxe-text.ts';

/** Context of why.ipxe.hbs. */
export interface WhyContext {
  lines: string[];
  waitSeconds: number;
  bootUrl: string;
  whyUrl: string;
}

/** Why a VM does not boot, as sentences, before they are cut to lines. */
export interface Explanation {
  headline: string;
  details: Advice[];
}

/** What is wrong and what to do, without the place in a document. */
export type Advice = Pick<Fault, 'problem' | 'fix'>;

const shownDetails = 4;
const waitSeconds = 5;

/** @param mac a checked address, or undefined: iPXE then fills in its own */
export function whyContext(explanation: Explanation, host: string, mac: string | undefined): WhyContext {
  const shown = explanation.details.slice(0, shownDetails);
  const more = explanation.details.length - shown.length;
  const sentences = [
    `pxeboot_stack: ${explanation.headline}`,
    ...shown.flatMap((detail) => [`Reason: ${detail.problem}`, `To do: ${detail.fix}`]),
    ...(more > 0 ? [`and ${more} more: see http://${host}/api/vms`] : []),
  ];
  const query = `mac=${mac ?? '${mac}'}`;
  return {
    lines: sentences.flatMap(ipxeLines),
    waitSeconds,
    bootUrl: `http://${host}/ipxe?${query}`,
    whyUrl: `http://${host}/ipxe/why?${query}`,
  };
}

type UnreadFile = Advice & { file: string; isCopy: boolean };
type FaultyEntry = Pick<PublishedEntry, 'file' | 'state' | 'faults'>;

/** No definition in force has this MAC; a file with faults may be the one that was meant.
 * A screen holds few reasons: first come the files that name the MAC, then one fault of each other file.
 * @param naming the files that name it   @param unread those that name it and are not read */
export function explainUnknownMac(
  mac: string,
  entries: readonly FaultyEntry[],
  naming: ReadonlySet<string>,
  unread: readonly UnreadFile[] = [],
): Explanation {
  const faulty = entries.filter(({ faults }) => faults.length > 0);
  const meant = faulty.filter(({ file }) => naming.has(file)).flatMap(wordFaults);
  const others = faulty.filter(({ file }) => !naming.has(file)).map(wordFaults);
  const notRead = unread.map(({ file, problem, fix }) => ({ problem: `${file} has this MAC; it ${problem}`, fix }));
  // A copy that a program made is nobody's definition.
  const isMeant = meant.length > 0 || unread.some(({ isCopy }) => !isCopy);
  const nothing = {
    problem: `no file in the vms directory has the MAC ${mac}`,
    fix: `save <name>.json with "mac": "${mac}" there`,
  };
  return {
    headline: `this VM (MAC ${mac}) is not defined.`,
    details: [
      ...(isMeant ? [...meant, ...notRead] : [nothing, ...notRead]),
      ...others.flatMap((faults) => faults.slice(0, 1)),
      ...others.flatMap((faults) => faults.slice(1)),
    ],
  };
}

function wordFaults({ file, state, faults }: FaultyEntry): Advice[] {
  const what = state === 'last-good' ? 'is not in force, an earlier version is' : 'is not in force';
  return faults.map((fault) => ({ problem: `${file} ${what}: ${wordFault(fault)}`, fix: fault.fix }));
}

/** Of a whole document only the problem is worth a screen line. */
function wordFault({ path, value, problem }: Fault): string {
  return path === '' ? problem : [path, value, problem].filter((part) => part !== '').join(' ');
}
