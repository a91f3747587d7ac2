import type { Result } from '../kit/fault.ts';
import { parseJsonObject } from '../kit/json.ts';
import type { HardwareFacts } from './hardware-facts.ts';
import { parseHardwareFacts } from './hardware-facts.ts';
import type { DocumentOf } from './schemas/schema.ts';
import { statusEventSchema } from './schemas/status-event.schema.ts';
import { compileParser } from './validator.ts';

type WrittenStatusEvent = DocumentOf<typeof statusEventSchema>;

/** One event of one installation: the body of `POST /status/<mac>`. */
export interface StatusEvent extends Omit<WrittenStatusEvent, 'facts'> {
  facts?: HardwareFacts;
}

/** Bytes of an event's JSON; the longest message is 4 KB, or 24 KB when all of it is escaped, the rest is for the hardware. */
export const statusBodyLimit = 64 * 1024;

/** An event comes from a guest, and what is wrong with it goes into an answer and a line of the log. */
const mostFaults = 5;

const parse = compileParser(statusEventSchema, mostFaults);

/** Parses and validates an event.
 * @param source who sent it, for faults
 * @returns of an event with many faults the first few, of its facts the first */
export function parseStatusEvent(source: string, text: string): Result<StatusEvent> {
  const json = parseJsonObject(source, text);
  if (!json.ok) return json;
  const written = parse(source, json.value);
  if (!written.ok) return written;
  const { facts, ...event } = written.value;
  if (facts === undefined) return { ok: true, value: event };
  const hardware = parseHardwareFacts(source, facts);
  if (hardware.ok) return { ok: true, value: { ...event, facts: hardware.value } };
  return { ok: false, faults: hardware.faults.map((fault) => ({ ...fault, path: `/facts${fault.path}` })) };
}
