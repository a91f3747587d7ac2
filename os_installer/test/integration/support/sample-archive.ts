import { randomBytes } from 'node:crypto';

/** One tar header and its content, as tar --format=ustar writes them. */
function tarEntry(path: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 'latin1');
  header.write('0000755\0', 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  header.write('00000000000\0', 136, 'latin1');
  header.write(path.endsWith('/') ? '5' : '0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc(-content.length & 511)]);
}

/** A tar archive of these paths, with its end mark; directories end with a slash. */
export function tarOf(files: Readonly<Record<string, Buffer | string>>): Buffer {
  const entries = Object.entries(files).map(([path, content]) => tarEntry(path, Buffer.from(content)));
  return Buffer.concat([...entries, Buffer.alloc(1024)]);
}

/** A very small root file system's, which packs about as well as a real one. */
export const rootTar = tarOf({
  './': '',
  './bin/': '',
  './bin/sh': randomBytes(3_000),
  './etc/': '',
  './etc/os-release': 'ID=debian\n',
});
