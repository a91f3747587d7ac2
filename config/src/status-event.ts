import statusEventSchema from '../schemas/status-event.schema.json' with { type: 'json' };

import { parseJsonObject } from './json.ts';
import type { Result } from './result.ts';
import { compileValidator } from './schema.ts';

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
  facts?: Record<string, unknown>;
}

const validate = compileValidator(statusEventSchema);

/** Parses and validates an event.
 * @param source who sent it, for faults */
export function parseStatusEvent(source: string, text: string): Result<StatusEvent> {
  const json = parseJsonObject(source, text);
  if (!json.ok) return json;
  const faults = validate(source, json.value);
  // The schema has just proven the shape.
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: json.value as unknown as StatusEvent };
}
