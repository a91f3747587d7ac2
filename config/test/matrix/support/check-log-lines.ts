import assert from 'node:assert/strict';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What each line of a log is like. Of boot_handler's own errors there is none: what guests send is never one. */
const logs: Record<string, RegExp> = {
  'access.log':
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 info nginx [A-Z_-]+ "[^"]*" client=10\.77\.0\.\d+ status=\d{3} bytes=\d+ seconds=[\d.]+$/,
  'error.log': /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(?:warn|error)\] \d+#\d+: /,
  'handler.log': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?:info|warn) boot_handler [a-z ]+(?: [a-z]+=|$)/,
};
const unfit = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** Refuses what is no UTF-8. */
const utf8 = new TextDecoder('utf-8', { fatal: true });
const longest = 20_000;

/** @returns asserts that each line that has come to the logs since then, or since the last call, is the services' own
 * @param directory of the logs */
export function createLogChecker(directory: string): () => void {
  const states = Object.entries(logs).map(([name, pattern]) => ({
    name,
    pattern,
    // Before boot_handler listened, nginx has said so.
    at: statSync(join(directory, name)).size,
    rest: Buffer.alloc(0),
  }));
  return () => {
    for (const state of states) {
      const added = readFrom(join(directory, state.name), state.at);
      state.at += added.length;
      const bytes = Buffer.concat([state.rest, added]);
      const end = bytes.lastIndexOf('\n') + 1;
      state.rest = bytes.subarray(end);
      for (const line of utf8.decode(bytes.subarray(0, end)).split('\n').slice(0, -1)) {
        assert.match(line, state.pattern, `a line of ${state.name}`);
        assert.doesNotMatch(line, unfit, `a line of ${state.name}`);
        assert.ok(line.length <= longest, `a line of ${state.name} has ${line.length} characters`);
      }
    }
  };
}

function readFrom(file: string, position: number): Buffer {
  const handle = openSync(file, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let at = position; ;) {
      const chunk = Buffer.alloc(2 ** 20);
      const length = readSync(handle, chunk, 0, chunk.length, at);
      if (length === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, length));
      at += length;
    }
  } finally {
    closeSync(handle);
  }
}
