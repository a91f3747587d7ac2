import type { Fault } from '../../kit/fault.ts';

/** One thing that a person should know about a definition: file, path in it, value, why, fix. */
export interface Finding extends Fault {
  /** Which rule found it. */
  rule: string;
  /** error: the file is not in force. warning: the VM will not do what its author wants. note: allowed, worth knowing. */
  level: 'error' | 'warning' | 'note';
}

/** A fault seen by one rule. */
export function finding(rule: string, level: Finding['level'], fault: Fault): Finding {
  return { rule, level, ...fault };
}
