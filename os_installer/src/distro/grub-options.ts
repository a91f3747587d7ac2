/** The names at the head of a line, each with its value. argp indents them by 2 or 6 columns, and the words about them by 29
 * (glibc, argp/argp-help.c: SHORT_OPT_COL, LONG_OPT_COL, OPT_DOC_COL). */
const listed = /^ {2,10}(?:-[^\s-], )?((?:--[\w-]+(?:\[?=\S*[^\s,])?(?:, )?)+)(?=\s|$)/;

/** Which of some options a program has.
 * @param help what it prints for `--help`, in argp's form */
export function knownOptions(help: string, options: readonly string[]): string[] {
  const names = help.split('\n').flatMap((line) => listed.exec(line)?.[1]?.match(/--[\w-]+/g) ?? []);
  return options.filter((option) => names.includes(option));
}
