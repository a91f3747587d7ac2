/** Options of grub-install that not every distribution's has; the others that we give are in every GRUB 2
 * (util/grub-install.c). This one is Debian's: it puts the loader under the removable path too. Ubuntu's does that unless it
 * is given `--no-extra-removable`, and exits with 64 for Debian's option. */
export const optionalGrubOptions: readonly string[] = ['--force-extra-removable'];

/** The names at the head of a line, each with its value. argp indents them by 2 or 6 columns, and the words about them by 29
 * (glibc, argp/argp-help.c: SHORT_OPT_COL, LONG_OPT_COL, OPT_DOC_COL). */
const listed = /^ {2,10}(?:-[^\s-], )?((?:--[\w-]+(?:\[?=\S*[^\s,])?(?:, )?)+)(?=\s|$)/;

/** Which of our optional options a grub-install has.
 * @param help what `grub-install --help` prints, in argp's form */
export function knownGrubOptions(help: string): string[] {
  const names = help.split('\n').flatMap((line) => listed.exec(line)?.[1]?.match(/--[\w-]+/g) ?? []);
  return optionalGrubOptions.filter((option) => names.includes(option));
}
