import { ArchiveError } from './tar-reader.ts';

/** Reads archives of the kernel's format piece by piece, one after the other as the kernel does, and keeps nothing of them. */
export interface CpioReader {
  /** @throws ArchiveError it is damaged here */
  push(chunk: Uint8Array): void;
  /** Call it after the last piece. @throws ArchiveError it ends in the middle */
  end(): void;
}

/** Length of a "newc" header (cpio(5)): a magic of six characters, then thirteen numbers of eight hex digits. */
const headerBytes = 110;
const [sizeAt, nameSizeAt] = [54, 94];
/** The kernel passes over entries with longer names (PATH_MAX in its init/initramfs.c). */
const longestName = 4096;

/** @param entry takes each name, and the bytes of content */
export function createCpioReader(entry: (name: string, bytes: number) => void): CpioReader {
  let partial = Buffer.alloc(0);
  let skip = 0;

  /** @returns false when more bytes are needed */
  function readEntry(): boolean {
    if (partial.length < headerBytes) return false;
    const text = partial.toString('latin1', 0, headerBytes);
    const field = (at: number): number => Number.parseInt(text.slice(at, at + 8), 16);
    const [bytes, nameBytes] = [field(sizeAt), field(nameSizeAt)];
    if (!/^07070[12][\da-f]{104}$/i.test(text) || nameBytes === 0 || nameBytes > longestName)
      throw new ArchiveError('is damaged: it is no cpio archive');
    if (partial.length < headerBytes + nameBytes) return false;
    const name = partial.toString('utf8', headerBytes, headerBytes + nameBytes).split('\0', 1)[0] ?? '';
    const nameEnd = headerBytes + nameBytes;
    partial = partial.subarray(nameEnd);
    skip = ((4 - (nameEnd % 4)) % 4) + bytes + ((4 - (bytes % 4)) % 4);
    entry(name, bytes);
    return true;
  }

  /** @returns false when more bytes are needed */
  function step(): boolean {
    if (skip > 0) {
      const passed = Math.min(skip, partial.length);
      partial = partial.subarray(passed);
      skip -= passed;
      return skip === 0;
    }
    // Between archives are zeros.
    let zeros = 0;
    while (partial[zeros] === 0) zeros += 1;
    partial = partial.subarray(zeros);
    return readEntry();
  }

  return {
    push(chunk) {
      partial = partial.length === 0 ? Buffer.from(chunk) : Buffer.concat([partial, chunk]);
      while (step());
    },
    end() {
      if (skip > 0 || partial.length > 0) throw new ArchiveError('ends in the middle');
    },
  };
}
