import type { ResumeOptions } from '../../../src/fetch/resumable.ts';
import { readResumable } from '../../../src/fetch/resumable.ts';

/** Reads a URL to its end, with less patience than an installation has. */
export async function read(url: string, given: Partial<ResumeOptions> = {}): Promise<Buffer> {
  const patience = { stallMs: 2_000, giveUpMs: 10_000, goneMs: 10_000, retryMs: 10 };
  const options = { ...patience, onInterruption: () => undefined, ...given };
  const chunks: Uint8Array[] = [];
  for await (const chunk of readResumable(url, options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
