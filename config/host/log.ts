import { escapeOdd } from '../kit/text.ts';

export type LogValue = string | number | boolean | undefined;

/** One line per event: a fixed message, the values as fields. */
export interface Log {
  info(message: string, fields?: Record<string, LogValue>): void;
  warn(message: string, fields?: Record<string, LogValue>): void;
  error(message: string, fields?: Record<string, LogValue>): void;
}

/** A log whose lines read `2026-01-02T03:04:05.678Z info boot_handler ipxe sent mac=… ms=3`.
 * Values that hold spaces, quotes, equal signs or characters that are not seen are written as JSON strings. */
export function createLog(program: string, write: (line: string) => void = writeToStdout): Log {
  function line(level: string, message: string, fields: Record<string, LogValue> = {}): void {
    write([new Date().toISOString(), level, program, escapeOdd(message), ...formatFields(fields)].join(' '));
  }

  return {
    info: (message, fields) => line('info', message, fields),
    warn: (message, fields) => line('warn', message, fields),
    error: (message, fields) => line('error', message, fields),
  };
}

function formatFields(fields: Record<string, LogValue>): string[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${formatValue(value)}`],
  );
}

function formatValue(value: string | number | boolean): string {
  const text = String(value);
  return /^[^\s"=\p{C}]+$/u.test(text) ? text : escapeOdd(JSON.stringify(text));
}

function writeToStdout(line: string): void {
  process.stdout.write(`${line}\n`);
}
