/** Becomes another program, as `exec` of a shell does: the same process with the same streams, terminal, directory and environment.
 * env(1) does the rest: it gives back the signals that Node ignores (SIGPIPE, SIGXFSZ) and the program would inherit, finds it by PATH,
 * and when it cannot be started says so in one line and ends with 127 (not found) or 126.
 * Its own name is in that line.
 * @param command the program and its arguments */
export function becomeCommand(command: readonly string[]): never {
  const words = ['entrypoint', '--default-signal=PIPE,XFSZ', '--', ...command];
  if (process.execve === undefined) throw new Error('this Node has no process.execve; it came with Node 22.15');
  return process.execve('/usr/bin/env', words, process.env);
}
