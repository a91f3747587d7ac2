/** Reads the records of a pax extended header: `<length> <name>=<value>\n`, the length in bytes with all of it.
 * What follows a record that is none is not read.
 * @see POSIX pax(1), "pax Extended Header" */
export function parsePaxRecords(body: Uint8Array): Map<string, string> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = space === -1 ? NaN : Number(bytes.toString('latin1', at, space));
    if (!Number.isInteger(length) || length <= space - at || at + length > bytes.length) break;
    const equals = bytes.indexOf(0x3d, space);
    if (equals === -1 || equals >= at + length) break;
    records.set(bytes.toString('utf8', space + 1, equals), bytes.toString('utf8', equals + 1, at + length - 1));
    at += length;
  }
  return records;
}
