#!/bin/sh
# Usage: fetch-ipxe.sh SOURCE VERSION OUTDIR PACKAGE: iPXE's binaries for UEFI, both architectures, checked to be such.
#   SOURCE   debian: of Debian's package, which apt verifies; boot.ipxe.org: the newest ones from there
#   PACKAGE  then holds the copyright, and PACKAGE.packages name and version; of a download the version is its SHA-256
# Nothing is written unless both are good.
set -eu
source=$1
version=$2
out=$3
package=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { node config/build/check-efi.mjs "$work/ipxe-$1.efi" "$2"; }

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
  dpkg-deb --field "$work"/ipxe_*.deb Package Version Architecture >"$work/packages"
  cp "$work/root/usr/share/doc/ipxe/copyright" "$work/copyright"
  cp "$work/root/usr/lib/ipxe/ipxe-amd64.efi" "$work/ipxe-x86_64.efi"
  cp "$work/root/usr/lib/ipxe/ipxe-arm64.efi" "$work/ipxe-arm64.efi"
  check x86_64 x86_64
  check arm64 aarch64
}

# download NAME MACHINE DEBIAN_ARCH: NAME as the server and we have it, MACHINE as uname has it.
download() {
  url=https://boot.ipxe.org/$1-efi/ipxe.efi
  file=$work/ipxe-$1.efi
  if ! node config/build/download.mjs "$url" "$file" || ! check "$1" "$2"; then
    echo "fetch iPXE: $url gives no EFI program for $2 now; build later, or with IPXE_SOURCE=debian" >&2
    exit 1
  fi
  printf 'Package: ipxe\nVersion: sha256:%s\nArchitecture: %s\nDownloaded-From: %s\n\n' \
    "$(sha256sum "$file" | cut -d ' ' -f 1)" "$3" "$url" >>"$work/packages"
}

from_boot_ipxe_org() {
  if [ -s /run/secrets/extra_ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca; fi
  download x86_64 x86_64 amd64
  download arm64 aarch64 arm64
  echo 'iPXE from https://boot.ipxe.org; licence: GPL-2 with the UBDL exception, https://ipxe.org/licensing' \
    >"$work/copyright"
}

case $source in
  debian) from_debian ;;
  boot.ipxe.org) from_boot_ipxe_org ;;
  *) echo "fetch iPXE: IPXE_SOURCE is \"$source\"; expected debian or boot.ipxe.org" >&2; exit 2 ;;
esac
mkdir -p "$out" "$package/usr/share/doc/ipxe"
install -m 644 "$work/ipxe-x86_64.efi" "$work/ipxe-arm64.efi" "$out"
install -m 644 "$work/copyright" "$package/usr/share/doc/ipxe/copyright"
install -m 644 "$work/packages" "$package.packages"
