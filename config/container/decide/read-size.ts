import { mountOf, parseMountInfo } from '../../kit/mount-info.ts';

const largest = 512 * 1024;
/** What a 9p message needs beside the data: P9_IOHDRSZ of linux/net/9p/9p.h. */
const header = 24;

/** How many bytes nginx may ask for at once of a file in a directory; a power of two.
 * On a 9p share one message's worth is the most: nginx opens files with O_NONBLOCK, for which the kernel's 9p client sends a
 * single request, and takes a shorter answer for a damaged file (linux/fs/9p/vfs_file.c, v9fs_file_read_iter).
 * @param mountInfo text of /proc/self/mountinfo
 * @param kernelRelease as uname(2) says it */
export function readSize(mountInfo: string, directory: string, kernelRelease: string): number {
  const mount = mountOf(parseMountInfo(mountInfo), directory);
  if (mount?.type !== '9p') return largest;
  // The option stands there only where it is not the default.
  const message = Number(mount.options.get('msize') ?? defaultMessage(kernelRelease));
  let size = largest;
  while (size > 4096 && size > message - header) size /= 2;
  return size;
}

/** DEFAULT_MSIZE of linux/net/9p/client.c, in bytes; larger since Linux 5.15. */
function defaultMessage(kernelRelease: string): number {
  const [major = 0, minor = 0] = kernelRelease.split('.').map((part) => Number.parseInt(part, 10));
  return major > 5 || (major === 5 && minor >= 15) ? 128 * 1024 : 8 * 1024;
}
