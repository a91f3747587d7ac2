/** One entry of an ELF `.note.dlopen`: a feature, and the libraries of which any one provides it.
 * @see https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ */
export interface DlopenNote {
  feature: string;
  sonames: string[];
}

const dlopenNoteType = 0x407c0c0a;
const dlopenNoteOwner = 'FDO';

/** The dlopen entries in one PT_NOTE segment.
 * @param align the segment's alignment: 8 pads name and content to 8 bytes, anything else to 4 */
export function parseDlopenNotes(segment: Buffer, align: number): DlopenNote[] {
  const padding = align === 8 ? 8 : 4;
  const notes: DlopenNote[] = [];
  for (let at = 0; at + 12 <= segment.length;) {
    const nameSize = segment.readUInt32LE(at);
    const contentSize = segment.readUInt32LE(at + 4);
    const type = segment.readUInt32LE(at + 8);
    const contentStart = roundUp(at + 12 + nameSize, padding);
    const name = text(segment, at + 12, nameSize);
    if (type === dlopenNoteType && name === dlopenNoteOwner) {
      notes.push(...parseNoteText(text(segment, contentStart, contentSize)));
    }
    at = roundUp(contentStart + contentSize, padding);
  }
  return notes;
}

function parseNoteText(json: string): DlopenNote[] {
  const document: unknown = JSON.parse(json);
  if (!Array.isArray(document)) throw new Error(`.note.dlopen is not a JSON array: ${json}`);
  return document.map((entry: unknown) => {
    const { feature, soname } = isRecord(entry) ? entry : {};
    if (!Array.isArray(soname) || soname.length === 0) throw new Error(`.note.dlopen entry without soname: ${json}`);
    return { feature: typeof feature === 'string' ? feature : '', sonames: soname.map(String) };
  });
}

function isRecord(value: unknown): value is Record<'feature' | 'soname', unknown> {
  return typeof value === 'object' && value !== null;
}

function text(segment: Buffer, start: number, size: number): string {
  return segment.toString('utf8', start, start + size).replace(/\0+$/, '');
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
