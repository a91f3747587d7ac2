import type { Chance } from './seeded.ts';

/** Text that is a command, a separator or a line of its own to somebody. */
const pieces = [
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\u2028',
  '\u202e',
  ' ',
  ',',
  ';',
  '#',
  '&&',
  '|',
  '`reboot`',
  '$(reboot)',
  '${next-server}',
  "'",
  '"',
  '\\',
  '/',
  '../',
  '[',
  ']',
  '{{x}}',
  '{%',
  ': ',
  '- ',
  '*',
  '!',
  '%s',
  'set:known',
  'tag:x',
  'ignore',
  'id:*',
  '10.9.9.9 evil',
  '52:54:00:99:99:99,evil',
  'fd00::9',
  'chain http://evil',
  '\u0001',
  'ü',
  '💣',
  '-1',
  'infinite',
];

/** What an honest author may write, by field. */
export type HonestValues = Readonly<Record<string, readonly unknown[]>>;

const honestValues: HonestValues = {
  name: ['web1', 'Web1', 'db-2'],
  role: ['target', 'provisioner'],
  arch: ['x86_64', 'aarch64'],
  mac: ['52:54:00:00:00:01', '52-54-00-00-00-02', '5254.0000.0003'],
  ip: ['10.0.0.1', '10.0.0.2', '', '192.168.105.255'],
  ipv6: ['fd00::1', 'FD00:0::2', ''],
  distro: ['debian-12'],
  pxeboot: [true, false],
};

/** A value that may be anything that JSON can say. */
function hostileValue(chance: Chance, field: string, honest: HonestValues): unknown {
  const text = String(chance.oneOf(honest[field] ?? ['x']));
  switch (chance.below(8)) {
    case 0:
      return `${text}${chance.oneOf(pieces)}`;
    case 1:
      return `${chance.oneOf(pieces)}${text}`;
    case 2:
      return `${text}${chance.oneOf(pieces)}${chance.oneOf(pieces)}${text}`;
    case 3:
      return chance.oneOf<unknown>([null, 1e308, -0, 2 ** 53, true, [], [text], {}, { toString: text }, ['a', ['b']]]);
    case 4:
      return 'x'.repeat(1 + chance.below(70_000));
    case 5:
      return chance.oneOf(pieces);
    default:
      return chance.oneOf(honest[field] ?? ['x']);
  }
}

/** One file that somebody with bad intentions, or bad luck, may have saved: most fields honest, some not.
 * @param own honest values in place of the common few */
export function hostileFile(chance: Chance, own: HonestValues = {}): { file: string; text: string } {
  const honest = { ...honestValues, ...own };
  const document: Record<string, unknown> = {};
  for (const [field, values] of Object.entries(honest)) {
    if (chance.below(20) === 0) continue;
    document[field] = chance.below(6) === 0 ? hostileValue(chance, field, honest) : chance.oneOf(values);
  }
  const name = typeof document['name'] === 'string' && chance.below(4) > 0 ? document['name'] : chance.oneOf(pieces);
  const text = JSON.stringify(document);
  return { file: `${name.replaceAll(/[/\0]/g, '')}.json`, text: chance.below(12) === 0 ? cut(text, chance) : text };
}

function cut(text: string, chance: Chance): string {
  const at = chance.below(text.length);
  return `${text.slice(0, at)}${chance.oneOf(pieces)}${text.slice(at + chance.below(5))}`;
}
