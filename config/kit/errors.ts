/** The user can fix it: HTTP 4xx, exit status 2. */
export class InputError extends Error {
  override readonly name: string = 'InputError';
}

/** The world failed (disk, network, program): HTTP 5xx, exit status 1. */
export class HostError extends Error {
  override readonly name: string = 'HostError';
}

const controlCharacters = /\p{Cc}+/gu;

/** The message of an error and of all its causes, in one line without control characters. */
export function describeError(error: unknown): string {
  return withoutControls(withCauses(error));
}

/** As describeError, in as many lines as the messages have. */
export function describeErrorLines(error: unknown): string[] {
  return withCauses(error).split('\n').map(withoutControls);
}

function withCauses(error: unknown): string {
  const messages: string[] = [];
  for (let current: unknown = error; current !== undefined && messages.length < 8;) {
    messages.push(current instanceof Error ? current.message : JSON.stringify(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return messages.join(': ');
}

function withoutControls(text: string): string {
  return text.replace(controlCharacters, ' ');
}

/** True when the error is a system error with one of these codes, such as "ENOENT". */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
