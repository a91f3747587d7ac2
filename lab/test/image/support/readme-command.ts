import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const readme = readFileSync(join(import.meta.dirname, '../../../../README.md'), 'utf8');

/** The words of the README's `docker run` for use without pvmlab, from "run" to the image's name. */
export function readmeCommand(): string[] {
  const command = /^docker (run -d --name pxeboot_stack (?:.*\\\n)+.*)$/m.exec(readme)?.[1];
  if (command === undefined) throw new Error('the README has no "docker run -d --name pxeboot_stack"');
  return command.replaceAll('\\\n', ' ').replaceAll('"', '').split(/\s+/);
}

/** The options that the README offers for a file system that nothing is written to. */
export function readmeReadOnlyOptions(): string[] {
  const options = /`(--read-only [^`]*)` may be added/.exec(readme)?.[1];
  if (options === undefined) throw new Error('the README has no "--read-only … may be added"');
  return options.split(' ');
}

/** What a command says of a container's rights. */
export function rightsOf(command: readonly string[]): string[] {
  const options = ['--cap-drop', '--cap-add', '--security-opt', '--privileged'];
  return command
    .flatMap((word, index) => (options.includes(word) ? [`${word} ${command[index + 1] ?? ''}`] : []))
    .sort();
}
