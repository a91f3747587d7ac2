const keyTypes =
  /^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;
/** RFC 8709, 4. */
const ed25519Bytes = 32;

/** True for one OpenSSH public key line: type, base64 blob that names the same type and holds whole fields, optional comment
 * (RFC 4253, 6.6). */
export function isSshPublicKey(text: string): boolean {
  const line = text.trim();
  // Python, and so cloud-init where it reads the keys that are there, ends a line at U+2028 too.
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(line)) return false;
  const [type = '', blob = ''] = line.split(' ');
  if (!keyTypes.test(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) return false;
  const [name, ...fields] = splitFields(Buffer.from(blob, 'base64')) ?? [];
  if (name?.toString('latin1') !== type || fields.length === 0) return false;
  return !type.includes('ed25519') || fields[0]?.length === ed25519Bytes;
}

/** The fields of a blob, each behind its length in four bytes; undefined when the last one is cut short. */
function splitFields(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length;) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
