import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of a file, in hexadecimal.
 * @param advance receives how many bytes were read
 * @throws the file system's error */
export async function hashFile(
  file: string,
  { advance, signal }: { advance?: (bytes: number) => void; signal: AbortSignal },
): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(
    createReadStream(file, { highWaterMark: 1024 * 1024 }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        advance?.(chunk.length);
      }
    },
    { signal },
  );
  return hash.digest('hex');
}
