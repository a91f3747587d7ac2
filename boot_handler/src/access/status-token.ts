import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** `<boot>.<proof>`: who has it was given this VM's configuration. It says nothing of which boot that was, and is not spent by use. */
const tokenPattern = /^(?<boot>[0-9a-f]{16})\.(?<proof>[0-9a-f]{64})$/;

/** A token that proves reports of this VM, another one for each boot. */
export function createStatusToken(key: Buffer, mac: string): string {
  const boot = randomBytes(8).toString('hex');
  return `${boot}.${proofOf(key, mac, boot).toString('hex')}`;
}

/** Whether a request's `Authorization` header holds a token that was made with this key for this VM (RFC 6750, 2.1). */
export function isStatusToken(key: Buffer, mac: string, authorization: string | undefined): boolean {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const { boot, proof } = tokenPattern.exec(token)?.groups ?? {};
  if (boot === undefined || proof === undefined) return false;
  return timingSafeEqual(Buffer.from(proof, 'hex'), proofOf(key, mac, boot));
}

function proofOf(key: Buffer, mac: string, boot: string): Buffer {
  return createHmac('sha256', key).update(`${mac} ${boot}`).digest();
}
