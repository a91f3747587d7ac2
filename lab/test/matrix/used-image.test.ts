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

const name = 'used-image';
const distro = 'debian-12-used';
const secret = 'of another machine';

/** Debian's system as a machine leaves it that was installed by hand, had other data for cloud-init, and was packed by a user from a directory of
 * mktemp: everything that would keep the definition's user from logging in. */
const used = `( set -e; work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
gzip -dc "$1" > "$work/tar"; mkdir -m 700 "$work/tree"; cd "$work/tree"
mkdir -p var/lib/cloud/seed/nocloud var/lib/cloud/data etc/cloud/cloud.cfg.d etc/netplan etc/systemd/system var/lib/systemd var/lib/dhcp etc/nvme
printf 'instance-id: other\\nlocal-hostname: other\\n' > var/lib/cloud/seed/nocloud/meta-data
printf '#cloud-config\\nusers: []\\n' > var/lib/cloud/seed/nocloud/user-data
touch var/lib/cloud/data/upgraded-network etc/cloud/cloud-init.disabled .dockerenv
cat > etc/cloud/cloud.cfg.d/99-installer.cfg <<'END'
datasource_list: [ None ]
datasource: { NoCloud: { meta-data: "instance-id: other", user-data: "#cloud-config\\nusers: []" } }
manual_cache_clean: true
END
echo 'network: {config: disabled}' > etc/cloud/cloud.cfg.d/subiquity-disable-cloudinit-networking.cfg
cat > etc/netplan/00-installer-config.yaml <<'END'
network:
  version: 2
  ethernets:
    every:
      match: {name: "e*"}
      addresses: [192.0.2.9/24]
END
ln -s /dev/null etc/systemd/system/cloud-init.service
for file in var/lib/systemd/random-seed var/lib/systemd/credential.secret var/lib/dhcp/dhclient.leases etc/nvme/hostid
do echo '${secret}' > $file; done
tar -rf ../tar --owner=0 --group=0 --no-recursion $(find . -mindepth 1 ! -type d)
tar -rf ../tar --owner=1000 --group=1000 --no-recursion ./
gzip -1 < ../tar )`;

describe('an image that a machine was installed from and used', endToEndSuite(), () => {
  let vm: InstalledVm;

  before(async () => {
    await freshLab();
    await deriveImage(lab, usual.distro, distro, usual.arch, used);
    vm = await installVm(lab, { ...usual, name, number: 92, distro });
  });

  after(async () => {
    await labDown(lab);
    await removeImage(lab, distro);
  });

  test("the definition's user logs in, under the definition's name", async () => {
    assert.equal(await vm.shell('hostname'), name);
    assert.equal(await vm.networkBoots(), 1);
  });

  testCleanCloudInit(() => vm);

  test('nothing is left of the other machine', async () => {
    assert.equal(
      await vm.shell(
        `sudo -n sh -c 'grep -lrs "${secret}" /var/lib/systemd /var/lib/dhcp /etc/nvme; ls /etc/netplan /.dockerenv 2>/dev/null; ip -4 -o addr | grep 192.0.2'; true`,
      ),
      '/etc/netplan:\n50-cloud-init.yaml',
    );
  });

  test("its root directory is root's, and that it was not is said", async () => {
    assert.equal(await vm.shell('stat -c "%a %u" /'), '755 0');
    assert.match(await consoleText(lab, name), /"\/" of the root file system had mode 0700, user 1000 and group 1000/);
  });
});
