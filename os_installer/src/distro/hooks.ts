import type { SystemFile } from './distro.ts';
import { grubCfgHead } from './grub-cfg.ts';
import { kernelCmdlinePath } from './kernel-cmdline.ts';

/** A script of the new system. */
export interface Script extends SystemFile {
  mode: number;
}

const directory = 'usr/local/libexec/pxeboot';
const writer = `${directory}/write-grub-cfg`;
const refresher = `${directory}/refresh-esp`;

/** Where the programs look that install and remove kernels: run-parts of Debian's kernel packages, and kernel-install(8). */
const kernelHooks = [
  'etc/kernel/postinst.d/zz-pxeboot',
  'etc/kernel/postrm.d/zz-pxeboot',
  'etc/kernel/install.d/99-pxeboot.install',
];

/** Writes grub.cfg again for each kernel that comes or goes, in systems that have nothing for that which every GRUB can read.
 * @param grubDirectory of GRUB's files in the system */
export function kernelHook(rootUuid: string, grubDirectory: string): Script[] {
  const call = `#!/bin/sh\n# Written by the installer.\nexec /${writer}\n`;
  return [
    { path: writer, text: writeGrubCfg(rootUuid, grubDirectory), mode: 0o755 },
    ...kernelHooks.map((path) => ({ path, text: call, mode: 0o755 })),
  ];
}

/** Those with the highest version come first; a kernel without an initramfs does not start this system. */
function writeGrubCfg(rootUuid: string, grubDirectory: string): string {
  return `#!/bin/sh
# Written by the installer. Makes /${grubDirectory}/grub.cfg from the kernels in /boot; their options are in /${kernelCmdlinePath}.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
config=/${grubDirectory}/grub.cfg
options=$(cat /${kernelCmdlinePath})
title=$(. /etc/os-release; echo "\${PRETTY_NAME:-Linux}" | tr -d "'")

entries() {
  for kernel in $(ls /boot | grep '^vmlinuz-.' | sort -rV); do
    release=\${kernel#vmlinuz-}
    for initrd in "initrd.img-$release" "initramfs-$release.img"; do
      [ -s "/boot/$initrd" ] || continue
      printf "\\nmenuentry '%s, %s' {\\n\\tlinux /boot/%s %s\\n\\tinitrd /boot/%s\\n}\\n" \\
        "$title" "$release" "$kernel" "$options" "$initrd"
      break
    done
  done
}

{
  cat <<'END'
${grubCfgHead(rootUuid)}END
  entries
} > "$config.new"
grep -q '^menuentry' "$config.new" || { echo "write $config: /boot has no kernel with an initramfs; it stays as it was" >&2; rm -f "$config.new"; exit 0; }
sync "$config.new"
mv "$config.new" "$config"
`;
}

/** A file of the ESP that is to be like another file of the system. */
export interface Twin {
  from: string;
  to: string;
  /** Where this is there, others have put the loader in place. */
  unless?: string;
}

/** Keeps the loaders on the ESP like those that packages bring: neither dpkg nor rpm know of all the copies. */
export function refreshHook(twins: readonly Twin[]): Script[] {
  const lines = twins.map(({ from, to, unless }) => {
    const condition = unless === undefined ? '' : `[ -e '/${unless}' ] || `;
    return `${condition}refresh '/${from}' '/${to}'`;
  });
  return [
    {
      path: refresher,
      text: `#!/bin/sh
# Written by the installer. Copies boot loaders that packages have replaced to where the firmware looks for them.
PATH=/usr/sbin:/usr/bin:/sbin:/bin

refresh() {
  [ -s "$1" ] && [ -e "$2" ] || return 0
  cmp -s "$1" "$2" && return 0
  cp "$1" "$2.new" && sync "$2.new" && mv "$2.new" "$2" || rm -f "$2.new"
}

mountpoint -q /boot/efi || exit 0
${lines.join('\n')}
`,
      mode: 0o755,
    },
    // dpkg.cfg(5): run by sh after each run of dpkg that changed packages.
    {
      path: 'etc/dpkg/dpkg.cfg.d/pxeboot',
      text: `# Written by the installer.\npost-invoke=/${refresher} || true\n`,
      mode: 0o644,
    },
    {
      path: 'etc/kernel/install.d/98-pxeboot-esp.install',
      text: `#!/bin/sh\n# Written by the installer.\nexec /${refresher}\n`,
      mode: 0o755,
    },
  ];
}
