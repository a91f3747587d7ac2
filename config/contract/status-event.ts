import statusEventSchema from './schemas/status-event.schema.json' with { type: 'json' };

import type { HardwareFacts } from './hardware-facts.ts';
import { parseHardwareFacts } from './hardware-facts.ts';
import { parseJsonObject } from '../kit/json.ts';
import type { Result } from '../kit/result.ts';
import { compileValidator } from './validator.ts';

/** One event of one installation: the body of `POST /status/<mac>`. */
export interface StatusEvent {
  /** Counts from 1 within one run of the installer. */
  seq: number;
  /** UTC time of the guest, ISO 8601. */
  at: string;
  step: string;
  state: 'started' | 'progress' | 'finished' | 'failed';
  ms?: number;
  bytes?: number;
  total?: number;
  message?: string;
  /** With a success: the token of `/config` that it has done. */
  reinstall_token?: string;
  /** The probed hardware, sent once. */
  facts?: HardwareFacts;
}

/** Bytes of an event's JSON; the longest message is 4 KB, or 24 KB when all of it is escaped, the rest is for the hardware. */
export const statusBodyLimit = 64 * 1024;

/** An event comes from a guest, and what is wrong with it goes into an answer and a line of the log. */
const mostFaults = 5;

/** An event whose facts nobody has looked at. */
type UncheckedEvent = Omit<StatusEvent, 'facts'> & { facts?: unknown };

const validate = compileValidator(statusEventSchema, mostFaults);

/** Parses and validates an event.
 * @param source who sent it, for faults
 * @returns of an event with many faults the first few, of its facts the first */
export function parseStatusEvent(source: string, text: string): Result<StatusEvent> {
  const json = parseJsonObject(source, text);
  if (!json.ok) return json;
  const faults = validate(source, json.value);
  if (faults.length > 0) return { ok: false, faults };
  // The schema has just proven the shape.
  const { facts, ...event } = json.value as unknown as UncheckedEvent;
  if (facts === undefined) return { ok: true, value: event };
  const hardware = parseHardwareFacts(source, facts);
  if (hardware.ok) return { ok: true, value: { ...event, facts: hardware.value } };
  return { ok: false, faults: hardware.faults.map((fault) => ({ ...fault, path: `/facts${fault.path}` })) };
}
