#!/bin/sh
# Usage: fetch-ipxe.sh SOURCE VERSION OUTDIR PACKAGE: iPXE's binaries for UEFI, both architectures, checked to be such.
#   SOURCE   debian: of Debian's package, which apt verifies; boot.ipxe.org: the newest ones from there
#   PACKAGE  then holds the copyright, and PACKAGE.packages name and version
set -eu
source=$1
version=$2
out=$3
package=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$package/usr/share/doc/ipxe"

from_debian() {
  apt-get update -qq
  if ! (cd "$work" && apt-get download -qq "ipxe=$version"); then
    echo "fetch iPXE: version \"$version\" is not in the archive; it has:" >&2
    apt-cache madison ipxe >&2
    echo "build with IPXE_VERSION=… (make image IPXE_VERSION=…), and set the new one in the Dockerfile" >&2
    exit 1
  fi
  rm -rf /var/lib/apt/lists/*
  dpkg-deb -x "$work"/ipxe_*.deb "$work/root"
  dpkg-deb --field "$work"/ipxe_*.deb Package Version Architecture >"$package.packages"
  cp "$work/root/usr/share/doc/ipxe/copyright" "$package/usr/share/doc/ipxe/"
  install -m 644 "$work/root/usr/lib/ipxe/ipxe-amd64.efi" "$out/ipxe-x86_64.efi"
  install -m 644 "$work/root/usr/lib/ipxe/ipxe-arm64.efi" "$out/ipxe-arm64.efi"
}

from_boot_ipxe_org() {
  if [ -s /run/secrets/extra_ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca; fi
  node config/build/download.mjs https://boot.ipxe.org/x86_64-efi/ipxe.efi "$out/ipxe-x86_64.efi"
  node config/build/download.mjs https://boot.ipxe.org/arm64-efi/ipxe.efi "$out/ipxe-arm64.efi"
  printf 'Package: ipxe\nVersion: boot.ipxe.org\nArchitecture: all\n' >"$package.packages"
  echo 'iPXE from https://boot.ipxe.org; licence: GPL-2 with the UBDL exception, https://ipxe.org/licensing' \
    >"$package/usr/share/doc/ipxe/copyright"
}

case $source in
  debian) from_debian ;;
  boot.ipxe.org) from_boot_ipxe_org ;;
  *) echo "fetch iPXE: IPXE_SOURCE is \"$source\"; expected debian or boot.ipxe.org" >&2; exit 2 ;;
esac
node config/build/check-efi.mjs "$out/ipxe-x86_64.efi" x86_64
node config/build/check-efi.mjs "$out/ipxe-arm64.efi" aarch64
