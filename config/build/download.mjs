// Usage: node download.mjs URL FILE
import { writeFileSync } from 'node:fs';

const [url, file] = process.argv.slice(2);
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(120_000) });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  writeFileSync(file, new Uint8Array(await response.arrayBuffer()));
} catch (error) {
  const cause = error.cause === undefined ? '' : `: ${error.cause.message}`;
  console.error(`download "${url}": ${error.message}${cause}`);
  process.exit(1);
}
