/** A part of a disk image that may hold a file system: a partition, or the whole image when it has no partition table. */
export interface Partition {
  /** 0: the whole image. */
  number: number;
  /** Bytes from the start of the image. */
  offset: number;
  bytes: number;
  /** The GUID of a GPT in small letters, or `0x83` of an MBR; empty for a whole image. */
  type: string;
  /** PARTUUID. */
  uuid: string;
  /** PARTLABEL; only a GPT has names. */
  name: string;
}

/** Partition types that say where a file system is mounted.
 * @see UAPI Group, Discoverable Partitions Specification; UEFI 2.10, table 5.3 */
const gptTypes: Readonly<Record<string, string>> = {
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b': 'esp',
  'bc13c2ff-59e6-4262-a352-b275fd6f7172': '/boot',
  '4d21b016-b534-45c2-a9fb-5c16e091fd2d': '/var',
  '933ac7e1-2eb4-4f13-b844-0e14e2aef915': '/home',
  '3b8f8425-20e0-4f3b-907f-1a25a76f98e8': '/srv',
};
const sectorBytes = 512;
/** An extended partition only holds others. */
const extendedTypes = ['0x5', '0xf', '0x85'];

/** Reads what `partx --pairs --bytes` prints. Start and length are counted in units of 512 bytes, also on disks with other sectors.
 * @see partx(8) */
export function parsePartitions(text: string): Partition[] {
  return text.split('\n').flatMap((line) => {
    const values = new Map([...line.matchAll(/([A-Z]+)="([^"]*)"/g)].map(([, name, value]) => [name, value ?? '']));
    const number = Number(values.get('NR') ?? 0);
    const type = (values.get('TYPE') ?? '').toLowerCase();
    if (number === 0 || extendedTypes.includes(type)) return [];
    return [
      {
        number,
        offset: Number(values.get('START')) * sectorBytes,
        bytes: Number(values.get('SECTORS')) * sectorBytes,
        type,
        uuid: (values.get('UUID') ?? '').toLowerCase(),
        name: values.get('NAME') ?? '',
      },
    ];
  });
}

/** Where a partition of this type is mounted, `esp` for an EFI system partition; undefined when its type does not say so. */
export function mountPointOfType({ type }: Pick<Partition, 'type'>): string | undefined {
  return type === '0xef' ? 'esp' : gptTypes[type];
}

/** For messages. */
export function partitionName({ number }: Pick<Partition, 'number'>): string {
  return number === 0 ? 'the whole image' : `partition ${number}`;
}
