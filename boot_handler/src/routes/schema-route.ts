import { vmDefinitionSchema } from '@pxeboot/config/contract/vm-definition';

import type { Answer } from '../http/answer.ts';
import { jsonAnswer } from '../http/answer.ts';

/** `GET /schemas/vm-definition.schema.json`: for editors, by `"$schema"`. */
export function schemaRoute(): Answer {
  return jsonAnswer(vmDefinitionSchema);
}
