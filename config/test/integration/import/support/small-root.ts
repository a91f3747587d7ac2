import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const release = '6.8.0-31-generic';
/** What lab/image/modules.txt chooses of these: the first two. */
export const modules = ['kernel/fs/ext4/ext4.ko.zst', 'kernel/fs/jbd2/jbd2.ko.zst', 'kernel/sound/snd.ko.zst'];

/** elf(5): e_ident, e_type, e_machine. */
export function elfHeader(machine: number): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(machine, 18);
  return header;
}

export interface SmallRoot {
  osRelease?: string;
  fstab?: string;
  /** ELF machine of the init program. */
  machine?: number;
  kernel?: boolean;
}

/** Writes a root file system as small as can be imported: systemd's layout, a kernel, its initrd and modules, all of them empty.
 * @param boot where /boot is, when it is elsewhere */
export async function writeRoot(
  directory: string,
  root: SmallRoot = {},
  boot = join(directory, 'boot'),
): Promise<void> {
  const folder = `usr/lib/modules/${release}`;
  const {
    osRelease = 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04 LTS"\n',
    fstab = '',
    machine = 62,
  } = root;
  const kernel: Record<string, string> = {
    [`${folder}/modules.dep`]: `${modules[0]}: ${modules[1]}\n${modules[1]}:\n${modules[2]}:\n`,
    ...Object.fromEntries([...modules, 'modules.builtin', 'modules.order'].map((path) => [`${folder}/${path}`, ''])),
  };
  const files: Record<string, string | Buffer> = {
    'usr/lib/os-release': osRelease,
    'usr/lib/systemd/systemd': elfHeader(machine),
    'etc/fstab': fstab,
    'var/empty-no-more': 'of the root itself\n',
    ...(root.kernel === false ? {} : kernel),
  };
  for (const [path, content] of Object.entries(files)) await write(join(directory, path), content);
  await chmod(join(directory, 'usr/lib/systemd/systemd'), 0o755);
  for (const path of ['boot', 'home', 'usr/bin', 'usr/sbin']) await mkdir(join(directory, path), { recursive: true });
  for (const name of ['bin', 'sbin', 'lib']) await symlink(`usr/${name}`, join(directory, name));
  await symlink('../lib/systemd/systemd', join(directory, 'usr/sbin/init'));
  // As systems of the RHEL family have it.
  await symlink('../usr/lib/os-release', join(directory, 'etc/os-release'));
  if (root.kernel === false) return;
  await write(join(boot, `vmlinuz-${release}`), 'kernel\n');
  await chmod(join(boot, `vmlinuz-${release}`), 0o600);
  await write(join(boot, `initrd.img-${release}`), 'initrd\n');
}

export async function write(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
