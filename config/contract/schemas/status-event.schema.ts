import type { Schema } from './schema.ts';

/** Body of `POST /status/<mac>`. */
export const statusEventSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://pvmlab.local/schemas/status-event.schema.json',
  title: 'Status event',
  description: 'Body of POST /status/<mac>: one event of one installation.',
  type: 'object',
  required: ['seq', 'at', 'step', 'state'],
  additionalProperties: false,
  properties: {
    seq: { description: 'Counts from 1 within one run.', type: 'integer', minimum: 1, maximum: 9007199254740991 },
    at: { description: 'UTC time of the guest, ISO 8601.', type: 'string', maxLength: 40 },
    step: { type: 'string', minLength: 1, maxLength: 120 },
    state: { enum: ['started', 'progress', 'finished', 'failed'] },
    ms: { type: 'integer', minimum: 0, maximum: 9007199254740991 },
    bytes: { type: 'integer', minimum: 0, maximum: 9007199254740991 },
    total: { type: 'integer', minimum: 0, maximum: 9007199254740991 },
    message: { type: 'string', maxLength: 4096 },
    reinstall_token: {
      description: 'With a success: the token of /config that it has done.',
      type: 'string',
      maxLength: 128,
    },
    facts: { description: 'The probed hardware, sent once: see hardware-facts.schema.json.', type: 'object' },
  },
} as const satisfies Schema;
