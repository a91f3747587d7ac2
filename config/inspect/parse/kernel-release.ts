/** How many first bytes of a kernel tell its release. */
export const kernelHeadBytes = 32 * 1024;

/** A kernel's release as the installer finds it: by its file's name (`vmlinuz-6.1.0-56-cloud-amd64`), else its own word.
 * @returns undefined when neither tells; `ownRelease` where the header of a kernel for x86 says another one than the name
 * @see Linux, Documentation/arch/x86/boot.rst, "kernel_version" */
export function kernelReleaseOf(file: string, head: Uint8Array): { release: string; ownRelease?: string } | undefined {
  const named = /^vmlinu[xz]-(\d.*)$/.exec(file)?.[1];
  const own = releaseInHeader(Buffer.from(head));
  const release = named ?? own;
  if (release === undefined) return undefined;
  return { release, ...(own === undefined || own === release ? {} : { ownRelease: own }) };
}

function releaseInHeader(bytes: Buffer): string | undefined {
  if (bytes.length < 0x210 || bytes.toString('latin1', 0x202, 0x206) !== 'HdrS') return undefined;
  const at = bytes.readUInt16LE(0x20e) + 0x200;
  return /^[\x21-\x7e]+/.exec(bytes.toString('latin1', at, at + 128))?.[0];
}
