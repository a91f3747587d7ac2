import { vmDefinitionSchema } from '../../contract/schemas/vm-definition.schema.ts';
import { pointerToken } from '../../kit/json.ts';
import { showValue } from '../../kit/text.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** pvmlab's own fields, which we ignore. */
const foreignFields = ['ssh_port', 'pxe_boot_stack_tar', 'docker_images_path', 'vms_path'];
const knownFields = [...Object.keys(vmDefinitionSchema.properties), ...foreignFields];

/** Unknown fields are ignored, and one that looks like a known one is probably meant to be that one. */
export function lintSpelling(file: string, document: Record<string, unknown>): Finding[] {
  return Object.keys(document).flatMap((field) => {
    if (knownFields.includes(field)) return [];
    const meant = nearest(field);
    if (meant === undefined) return [];
    const fault = {
      file,
      path: `/${pointerToken(field)}`,
      value: showValue(document[field]),
      problem: `is not a known field and is ignored; it looks like "${meant}"`,
      fix: `rename it to "${meant}", or remove it`,
    };
    return [finding('misspelt-field', 'warning', fault)];
  });
}

/** The known field that a slip of one letter in four, or another case or separator, makes of this one. */
function nearest(field: string): string | undefined {
  const plain = simplify(field);
  if (plain.length > 32) return undefined;
  const candidates = knownFields.map((known) => ({ known, distance: editDistance(plain, simplify(known)) }));
  const [best] = candidates.sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.known.length / 4)) ? best.known : undefined;
}

function simplify(field: string): string {
  return field.toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** Insertions, deletions, substitutions and swaps of neighbours that make one word of another (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const differs = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + differs);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, at(i - 2, j - 2) + 1);
      row.push(best);
    }
  }
  return at(a.length, b.length);
}
