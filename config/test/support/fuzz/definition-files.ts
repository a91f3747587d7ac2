import fc from 'fast-check';

import { vmDefinitionSchema } from '../../../contract/schemas/vm-definition.schema.ts';
import { isObject } from '../../../kit/json.ts';
import { sampleKey } from '../sample-vm.ts';
import { oddText } from './odd-text.ts';
import type { Written } from './written-json.ts';
import { mutate, mutationOf, textOf, written } from './written-json.ts';

/** A file of the vms directory. */
export interface DefinitionFile {
  /** Bytes of the name, which need not be UTF-8. */
  name: Buffer;
  content: Buffer;
}

/** Each place that a definition may have, by its schema: a new field is fuzzed by itself. */
const places: readonly (readonly string[])[] = placesOf(vmDefinitionSchema, []);

function placesOf(schema: unknown, path: readonly string[]): (readonly string[])[] {
  if (!isObject(schema)) return [];
  const { properties, items } = schema;
  const below = isObject(properties) ? Object.entries(properties) : [];
  return [
    path,
    ...below.flatMap(([name, property]) => placesOf(property, [...path, name])),
    ...(items === undefined ? [] : [...placesOf(items, [...path, '0']), [...path, '1']]),
  ];
}

function someOf(characters: string, lengths: { minLength?: number; maxLength: number }): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...Array.from(characters)), ...lengths });
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
/** Few, so that files claim each other's and the second version of a file is of the same VM. */
const name = fc.oneof(
  { weight: 3, arbitrary: fc.nat(11).map((n) => `vm${n}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('my_vm', 'my.vm', 'my-vm', 'MY_VM', 'a..b', 'null', '0x1F', '1e3', 'ignore', 'gw'),
  },
  { weight: 1, arbitrary: someOf(`${letters}._-`, { maxLength: 64 }).map((text) => `a${text}z`) },
);
const mac = fc
  .tuple(fc.nat(120), fc.constantFrom(':', '-', ''))
  .map(([n, separator]) => ['52', '54', '00', 'aB', '00', n.toString(16).padStart(2, '0')].join(separator));
const key = fc.oneof(
  { weight: 1, arbitrary: fc.constant(`${sampleKey}\n`) },
  { weight: 3, arbitrary: oddText.map((comment) => `${sampleKey.split(' ').slice(0, 2).join(' ')} ${comment}`) },
);
const fileName = someOf(`${letters}._+~-`, { maxLength: 100 }).map((text) => `vmlinuz-${text}`);
const word = someOf(`${letters}._,:=/@+%~-`, { maxLength: 40 }).map((text) => `a${text}`);
const printable = Array.from({ length: 94 }, (_, n) => String.fromCharCode(0x21 + n)).join('');
const disk = fc.record(
  {
    path: someOf(`${letters}._:+/-`, { minLength: 1, maxLength: 30 }).map((text) => `/dev/${text}`),
    serial: someOf(`${printable} `, { maxLength: 30 }).map((text) => `!${text}~`),
    wwn: someOf(`${letters}._:+-`, { minLength: 4, maxLength: 30 }),
    min_size: fc.constantFrom('1MiB', '20GiB', '9999999TiB'),
  },
  { requiredKeys: [] },
);

function optional<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined, freq: 2 });
}

/** What a person may well write, in every field; those that are absent are undefined. */
const honest = fc.record({
  name,
  role: fc.constantFrom(undefined, 'target', 'target', 'provisioner'),
  arch: fc.constantFrom('x86_64', 'aarch64'),
  mac,
  ip: optional(fc.nat(60).map((n) => (n === 0 ? '' : `192.168.105.${n}`))),
  subnet: fc.constantFrom(undefined, '192.168.105.0/24', '192.168.105.0/24', ''),
  ipv6: optional(fc.nat(60).map((n) => `FD00:105:0::${n.toString(16)}`)),
  subnetv6: fc.constantFrom(undefined, undefined, 'fd00:105::/64', ''),
  pxeboot: fc.constantFrom(undefined, true, true, false),
  distro: fc.oneof(
    fc.constantFrom(undefined, '', 'debian-12'),
    someOf(`${letters}._-`, { maxLength: 62 }).map((text) => `d${text}`),
  ),
  kernel: optional(fileName),
  initrd: optional(fileName),
  ssh_key: optional(key),
  install: optional(
    fc.record(
      {
        kernel_args: fc.array(word, { maxLength: 5 }),
        disk,
        initramfs: fc.constantFrom('auto', 'generate'),
        selinux: fc.constantFrom('image', 'enforcing', 'permissive', 'disabled'),
        once: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  ),
});

const honestTexts = [
  'web1',
  '52:54:00:12:34:56',
  '192.168.105.9',
  'fd00:105::9',
  '10.0.0.0/8',
  'debian-12',
  'vmlinuz-6.1',
  sampleKey,
];

interface Wish {
  vmName: string;
  document: Written;
}

/** A definition with up to three odd places. */
const wish: fc.Arbitrary<Wish> = fc
  .tuple(
    honest,
    fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(mutationOf(places, [...honestTexts, '/dev/vda', 'quiet']), { maxLength: 3 }) },
    ),
  )
  .map(([fields, mutations]) => {
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    return { vmName: fields.name, document: mutations.reduce(mutate, written(given)) };
  });

/** What happens to the bytes of a text: cut short, some changed. */
const damage = fc.record({
  cutAt: fc.option(fc.nat(1000), { freq: 2, nil: undefined }),
  changes: fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { maxLength: 3 }),
  mark: fc.constantFrom('', '', '', '\ufeff', '\ufeff\ufeff', ' \n', '\0', '// x\n', '['),
  encoding: fc.constantFrom('utf8', 'utf8', 'utf8', 'utf8', 'latin1', 'utf16le'),
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(text: string, { cutAt, changes, mark, encoding }: Damage): Buffer {
  const bytes = Buffer.from(`${mark}${text}`, encoding as BufferEncoding);
  for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
  return cutAt === undefined ? bytes : bytes.subarray(0, cutAt % (bytes.length + 1));
}

const content: fc.Arbitrary<{ vmName: string; content: Buffer }> = fc.oneof(
  {
    weight: 7,
    arbitrary: wish.map(({ vmName, document }) => ({ vmName, content: Buffer.from(textOf(document)) })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(wish, damage).map(([{ vmName, document }, harm]) => ({
      vmName,
      content: damaged(textOf(document), harm),
    })),
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ vmName: 'bytes', content: Buffer.from(bytes) })),
  },
);

const oddName = fc.oneof(
  oddText.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const ending = fc.constantFrom('.json', '.json', '.json', '.JSON', '.json~', '.json.txt', ' (1).json', '');

/** A file, most often under the name that its definition has. */
export const definitionFile: fc.Arbitrary<DefinitionFile> = fc
  .tuple(
    content,
    fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.tuple(oddName, ending) }),
  )
  .map(([{ vmName, content: bytes }, other]) => {
    const named =
      other === undefined ? Buffer.from(`${vmName}.json`) : Buffer.concat([fitting(other[0]), Buffer.from(other[1])]);
    return { name: named.length === 0 ? Buffer.from('x') : named, content: bytes };
  });

/** No file system takes NUL or a slash in a name, nor more than 255 bytes. */
function fitting(bytes: Buffer): Buffer {
  const usable = Buffer.from(bytes.filter((byte) => byte !== 0 && byte !== 0x2f)).subarray(0, 240);
  return /^\.{0,2}$/.test(usable.toString('latin1')) ? Buffer.from('odd') : usable;
}
