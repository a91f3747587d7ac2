import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { consoleText } from '../e2e/support/console.ts';
import { deriveImage, removeImage } from '../e2e/support/derived-images.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { testCleanCloudInit } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

const name = 'ubuntu-like';
const distro = 'ubuntu-24.04-test';
const prettyName = 'Ubuntu 24.04.3 LTS';

const osRelease = `PRETTY_NAME="${prettyName}"
NAME="Ubuntu"
VERSION_ID="24.04"
ID=ubuntu
ID_LIKE=debian`;

/** Debian's grub-install with the options of Ubuntu's. It does not put the loader under the removable path, as Ubuntu's would. */
const grubInstall = `#!/bin/sh
echo "$*" >> /var/log/grub-install.log
for word; do
  case $word in
    --help)
      /usr/sbin/grub-install.debian --help |
        sed '/--force-extra-removable/ { N; s/--.*/--no-extra-removable   Do not install to the removable media path./; }'
      exit ;;
    --force-extra-removable) echo "grub-install: unrecognized option '$word'" >&2; exit 64 ;;
  esac
done
exec /usr/sbin/grub-install.debian "$@"`;

/** Debian's system with both. Its /etc/os-release is a link to the one in /usr. */
const likeUbuntu = `( set -e; work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
changed='./usr/lib/os-release ./usr/sbin/grub-install'
gzip -dc "$1" > "$work/tar"; mkdir "$work/tree"; cd "$work/tree"; tar -xf ../tar $changed
mv usr/sbin/grub-install usr/sbin/grub-install.debian
cat > usr/lib/os-release <<'END'
${osRelease}
END
cat > usr/sbin/grub-install <<'END'
${grubInstall}
END
chmod 755 usr/sbin/grub-install; tar --delete -f ../tar $changed
tar -rf ../tar --owner=0 --group=0 $changed ./usr/sbin/grub-install.debian; gzip -1 < ../tar )`;

describe("Debian's system with Ubuntu's os-release and the options of its grub-install", endToEndSuite(), () => {
  let vm: InstalledVm;

  before(async () => {
    await freshLab();
    await deriveImage(lab, usual.distro, distro, usual.arch, likeUbuntu);
    vm = await installVm(lab, { ...usual, name, number: 91, distro });
  });

  after(async () => {
    await labDown(lab);
    await removeImage(lab, distro);
  });

  test('its disk started, and it says that it is Ubuntu', async () => {
    assert.equal(await vm.networkBoots(), 1);
    assert.equal(
      await vm.shell('findmnt -no SOURCE /; . /etc/os-release; echo "$PRETTY_NAME"'),
      `/dev/vda2\n${prettyName}`,
    );
  });

  test('its grub-install was given no option that it does not have, and succeeded at once', async () => {
    const calls = await vm.shell('cat /var/log/grub-install.log');

    assert.equal(
      calls,
      '--help\n--target x86_64-efi --efi-directory /boot/efi/pxeboot-unfinished --bootloader-id ubuntu',
    );
    assert.doesNotMatch(await consoleText(lab, name), /grub-install with a boot entry failed|unrecognized option/);
  });

  test('its loader is under the name of its ID and under the removable path, and nothing else is left', async () => {
    assert.equal(
      await vm.shell(`sudo -n sh -c 'cd /boot/efi && find . -iname "*.efi" -size +0 | sort && ls'`),
      './EFI/BOOT/BOOTX64.EFI\n./EFI/ubuntu/grubx64.efi\nEFI\npxeboot-installed.json',
    );
  });

  testCleanCloudInit(() => vm);

  test('firmware with a blank NVRAM starts it from the removable path', async () => {
    await vm.startWithBlankFirmware();

    assert.equal(await vm.networkBoots(), 1);
  });
});
