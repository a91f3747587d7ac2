#!/bin/sh
# Hook of mmdebstrap: has a Debian with SELinux's packages enforce its policy. Usage: change.sh ROOT
#
# The policy is Debian's, but for one rule: it forbids systemd's generators to write below /run, and so cloud-init's generator ends
# cloud-init before it has begun. Fedora's policy permits it.
set -eu
root=$1
sed -i 's/^SELINUX=.*/SELINUX=enforcing/' "$root/etc/selinux/config"
grep -q '^SELINUX=enforcing' "$root/etc/selinux/config"
echo '(typepermissive systemd_generator_t)' > "$root/tmp/generators.cil"
chroot "$root" semodule --noreload --install=/tmp/generators.cil
rm "$root/tmp/generators.cil"
