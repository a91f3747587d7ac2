/** A member of a newc archive, as far as the tests look at it. */
export interface Member {
  path: string;
  mode: number;
  owner: number;
  group: number;
  time: number;
  content: Buffer;
}

const headerSize = 110; // "070701" and 13 numbers of 8 hex digits

export function readCpio(archive: Buffer): Member[] {
  const members: Member[] = [];
  for (let at = 0; ;) {
    const field = (index: number): number =>
      Number.parseInt(archive.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const nameEnd = at + headerSize + field(11);
    const path = archive.toString('utf8', at + headerSize, nameEnd - 1);
    const contentStart = roundUp(nameEnd);
    const content = archive.subarray(contentStart, contentStart + field(6));
    if (path === 'TRAILER!!!') return members;
    members.push({ path, mode: field(1), owner: field(2), group: field(3), time: field(5), content });
    at = roundUp(contentStart + content.length);
  }
}

function roundUp(value: number): number {
  return (value + 3) & ~3;
}
