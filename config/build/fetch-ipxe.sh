#!/bin/sh
# Usage: fetch-ipxe.sh VERSION OUTDIR: Debian's iPXE binaries for UEFI, both architectures, checked to be such.
set -eu
version=$1
out=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
apt-get update -qq
cd "$work"
if ! apt-get download -qq "ipxe=$version"; then
  echo "fetch iPXE: version \"$version\" is not in the archive; it has:" >&2
  apt-cache madison ipxe >&2
  echo "build with IPXE_VERSION=… (make image IPXE_VERSION=…), and set the new one in the Dockerfile" >&2
  exit 1
fi
dpkg-deb -x ipxe_*.deb root
cd - >/dev/null
mkdir -p "$out"
install -m 644 "$work/root/usr/lib/ipxe/ipxe-amd64.efi" "$out/ipxe-x86_64.efi"
install -m 644 "$work/root/usr/lib/ipxe/ipxe-arm64.efi" "$out/ipxe-arm64.efi"
node config/build/check-efi.mjs "$out/ipxe-x86_64.efi" x86_64
node config/build/check-efi.mjs "$out/ipxe-arm64.efi" aarch64
rm -rf /var/lib/apt/lists/*
