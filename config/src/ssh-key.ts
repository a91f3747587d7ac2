const keyTypes =
  /^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;

/** True for one OpenSSH public key line: type, base64 blob that names the same type, optional comment (RFC 4253, 6.6). */
export function isSshPublicKey(text: string): boolean {
  const line = text.trim();
  if (/\p{Cc}/u.test(line)) return false;
  const [type = '', blob = ''] = line.split(' ');
  if (!keyTypes.test(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) return false;
  const bytes = Buffer.from(blob, 'base64');
  if (bytes.length < 4) return false;
  const nameLength = bytes.readUInt32BE(0);
  return bytes.subarray(4, 4 + nameLength).toString('latin1') === type;
}
