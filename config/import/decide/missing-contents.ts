const complaint = /: Cannot hard link to '(.*)': No such file or directory$/gm;
/** C's escapes, as GNU tar prints a name in the C locale. */
const escaped: Partial<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

/** The names that hard links lead to, of files that GNU tar did not unpack.
 * @param stderr of GNU tar in the C locale
 * @returns byte strings (latin1), as they may be in the archive: with `./` and without */
export function missingContents(stderr: string): string[] {
  const names = Array.from(stderr.matchAll(complaint), ([, name = '']) => unescape(name).replace(/^(\.?\/)+/, ''));
  return [...new Set(names)].flatMap((name) => [name, `./${name}`]);
}

function unescape(text: string): string {
  return text.replace(/\\([0-7]{3}|.)/g, (_all, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (escaped[code] ?? code),
  );
}
