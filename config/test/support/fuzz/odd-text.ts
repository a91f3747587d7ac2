import fc from 'fast-check';

/** Text that is a command, a separator, a line or a value of its own to some reader: shells, YAML, iPXE, Handlebars, dnsmasq, JSON. */
const pieces = [
  ...['\n', '\r\n', '\r', '\t', '\0', '\u0001', '\u001b[2J', '\u007f', '\u0085', '\u009b31m', '\u2028', '\u2029'],
  ...[
    '\u202e',
    '\u2066',
    '\u200f',
    '\u061c',
    '\ufeff',
    '\ufffe',
    '\ufdd0',
    '\u{1fffe}',
    '\u00ad',
    '\u200b',
    '\ud800',
    '\udc00',
  ],
  ...['ü', 'e\u0301', '💣', 'İ', 'K', '\u{e0041}', '\ue000', '\u0378'],
  ...[
    ' ',
    ',',
    ';',
    '#',
    ' #',
    '&&',
    '||',
    '|',
    '&',
    '`reboot`',
    '$(reboot)',
    '${next-server}',
    '$IFS',
    "'",
    '"',
    '\\',
    '>',
  ],
  ...[
    '/',
    '../',
    '..',
    '[',
    ']',
    '{',
    '}',
    '{{x}}',
    '{{{yaml x}}}',
    '{%',
    '{#',
    '\\{{',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...[
    ': ',
    '- ',
    '*',
    '&a',
    '!',
    '!!python/object',
    '---',
    '...',
    '? ',
    '<<: ',
    'null',
    'yes',
    '~',
    '0x10',
    '1e3',
    '2024-01-01',
  ],
  ...['%s', '%n', 'set:known', 'tag:x', 'ignore', 'id:*', 'infinite', '45m', '10.9.9.9 evil', '52:54:00:99:99:99,evil'],
  ...['fd00::9', 'chain http://evil', 'goto failed', ' initrd=evil', 'init=/bin/sh', '-1', '--help', '%2e%2e', '%00'],
];

/** One such piece. */
export const oddPiece = fc.constantFrom(...pieces);

/** Any text: pieces, any characters, and sometimes very long. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.oneof(oddPiece, fc.string({ maxLength: 6 })), { maxLength: 5 }).map(join) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 24 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(oddPiece, fc.constantFrom(64, 255, 4096)).map(([piece, times]) => piece.repeat(times)),
  },
);

/** A text that somebody may have meant well, with something odd before it, in it or behind it. */
export function spoilt(honest: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(honest, oddPiece, fc.nat(200)).map(([text, piece, at]) => {
    const cut = at % (text.length + 1);
    return `${text.slice(0, cut)}${piece}${text.slice(cut)}`;
  });
}

function join(parts: readonly string[]): string {
  return parts.join('');
}
