#!/bin/sh
# Usage: make-image.sh amd64|arm64: builds the container and writes pxeboot_stack_<arch>.tar, whole or not at all.
# Nothing is done when the tarball is there and nothing that goes into it has changed.
#   BUILDER  docker, buildah or auto (docker with buildx where an engine answers, else buildah)
#   BASE     registry, mmdebstrap or auto (registry where it can be reached, else made from Debian's archive)
#   IPXE_SOURCE, IPXE_VERSION  see fetch-ipxe.sh
#   EXTRA_CA file of certificate authorities for the npm registry (default: what NODE_EXTRA_CA_CERTS names)
# The builder's whole output goes to build/pxeboot_stack_<arch>.tar.log.
set -eu
arch=$1
. config/build/builders.sh

tarball=pxeboot_stack_$arch.tar
stamp=build/$tarball.inputs
new=build/$tarball.new
log=build/$tarball.log
mkdir -p build

# A tarball that is newer than its stamp is not the one that was stamped.
inputs="$(config/build/hash-inputs.sh) ${IPXE_SOURCE:-} ${IPXE_VERSION:-}"
if [ -s "$tarball" ] && [ -s "$stamp" ] && [ "$(cat "$stamp")" = "$inputs" ] &&
  [ -z "$(find "$tarball" -newer "$stamp")" ]; then
  say "$tarball is up to date"
  exit 0
fi

started=$(date +%s)
choose_builder
unfinished=$("unfinished_with_$builder")
interrupted() {
  "clean_up_with_$builder" "$unfinished"
  exit "$1"
}
trap 'rm -f "$new" "$log.status"' EXIT
trap 'interrupted 130' INT
trap 'interrupted 143' HUP TERM
provide_emulation "$arch"
choose_base "$arch"
say "building $tarball with $builder on $base_image ($base_origin)"

set -- --platform "linux/$arch" --build-arg "BASE_IMAGE=$base_image" --build-arg "BUILD_BASE_IMAGE=$build_base_image" \
  --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)"
if [ -n "${IPXE_SOURCE:-}" ]; then set -- "$@" --build-arg "IPXE_SOURCE=$IPXE_SOURCE"; fi
if [ -n "${IPXE_VERSION:-}" ]; then set -- "$@" --build-arg "IPXE_VERSION=$IPXE_VERSION"; fi
for variable in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  eval "value=\${$variable:-}"
  if [ -n "$value" ]; then set -- "$@" --build-arg "$variable=$value"; fi
done
extra_ca=${EXTRA_CA:-${NODE_EXTRA_CA_CERTS:-}}
if [ -n "$extra_ca" ]; then
  [ -r "$extra_ca" ] || { say "EXTRA_CA (or NODE_EXTRA_CA_CERTS) names \"$extra_ca\", which cannot be read"; exit 2; }
  set -- "$@" --secret "id=extra_ca,src=$extra_ca"
fi

rm -f "$new" "$log.status"
# A pipe has only its last program's status, so the builder's own goes through a file.
build_and_tell() {
  if "build_with_$builder" "$arch" "$new" "$@"; then echo 0 >"$log.status"; else echo "$?" >"$log.status"; fi
}
build_and_tell "$@" 2>&1 | tee "$log" | config/build/stages.sh >&2
status=$(cat "$log.status")
if [ "$status" != 0 ]; then
  "clean_up_with_$builder" "$unfinished"
  tail -n 30 "$log" >&2
  say "build $tarball: $builder ended with $status; the last lines of $log stand above. The old $tarball, if any, is untouched"
  exit 1
fi
rm -f "$stamp"
mv "$new" "$tarball"
printf '%s\n' "$inputs" >"$stamp"
say "wrote $tarball ($(($(wc -c <"$tarball") / 1000000)) MB) in $(($(date +%s) - started)) s"
