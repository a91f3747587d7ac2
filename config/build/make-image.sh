#!/bin/sh
# Usage: make-image.sh [amd64|arm64]: builds the container and writes pxeboot_stack_<arch>.tar, whole or not at all.
# Without a word it is for this machine's architecture.
#        make-image.sh initrds: builds the installer's initrds alone and writes initrd/output/{x86_64,aarch64}/initrd.gz.
# Nothing is done when what is written is there and nothing that goes into it has changed.
#   IMAGE_NAME, IMAGE_TAG  the image's name in the tarball; the tarball is <last word of the name>_<arch>.tar
#   BUILDER  docker, buildah or auto (docker with buildx where an engine answers, else buildah)
#   BASE     registry, mmdebstrap or auto (registry where it can be reached, else made from Debian's archive)
#   FRESH=1  makes everything anew, from the packages of today; without it only what has changed
#   IPXE_SOURCE, IPXE_VERSION  see fetch-ipxe.sh
#   EXTRA_CA file of certificate authorities for the npm registry (default: what NODE_EXTRA_CA_CERTS names)
# Builds in one directory wait for each other. The builder's whole output goes to build/pxeboot_stack_<arch>.tar.log.
set -eu
. config/build/builders.sh
check_image_name
what=${1:-$(machine_arch)}
case $what in
  amd64 | arm64)
    arch=$what
    result=${file_name}_$arch.tar
    name=$image_name:$image_tag
    record=build/$result ;;
  initrds)
    arch=$(machine_arch)
    result=initrd/output
    name=$initrds_image
    record=build/initrds ;;
  *) say "architecture \"$what\" is unknown; expected amd64 or arm64"; exit 2 ;;
esac

stamp=$record.inputs
# Next to what it becomes, so that it is renamed, never copied.
new=$result.new
log=$record.log
lock=build/lock
mkdir -p build

# What the labels tell, and "-dirty" when a file that goes into the image is not as it was committed.
version=$(sed -n 's/^  "version": "\(.*\)",*$/\1/p' package.json)
revision=unknown
created=
source=
changed=
if commit=$(git rev-parse HEAD 2>&1); then
  if [ -n "$(config/build/hash-inputs.sh --list | tr '\n' '\0' | xargs -0 git status --porcelain --)" ]; then changed=-dirty; fi
  revision=$commit$changed
  created=$(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)
  # A directory of this machine is no source to others, nor are a user's name and password.
  source=$(git remote get-url origin 2>/dev/null | sed -n -e 's,^\(https*://\)[^/]*@,\1,' -e '/^https*:/p' -e '/^ssh:/p' -e '/^git@/p')
fi
inputs="$(config/build/hash-inputs.sh) ${IPXE_SOURCE:-} ${IPXE_VERSION:-} $changed"
if [ "$name" != pxeboot_stack:latest ]; then inputs="$inputs $name"; fi

# What is newer than its stamp is not what was stamped.
is_up_to_date() {
  [ "${FRESH:-}" != 1 ] && [ -s "$result" ] && [ -s "$stamp" ] && [ "$(sed -n 1p "$stamp")" = "$inputs" ] &&
    [ -z "$(find "$result" -newer "$stamp")" ] || return 1
  case ${BASE:-auto} in auto) ;; *) [ "$(sed -n 2p "$stamp")" = "$BASE" ] ;; esac
}
end_if_up_to_date() {
  if is_up_to_date; then
    say "$result is up to date"
    exit 0
  fi
}

lives() { kill -0 "$1" 2>/dev/null || ps -p "$1" >/dev/null 2>&1; }

# Two builds would write the same files: waits until no other one runs in this directory.
take_lock() {
  told=
  missed=0
  until problem=$(mkdir "$lock" 2>&1); do
    if [ ! -d "$lock" ]; then
      # Removed in between, or it cannot be made at all.
      missed=$((missed + 1))
      if [ "$missed" = 3 ]; then say "lock $PWD/build: $problem"; exit 1; fi
      continue
    fi
    holder=$(cat "$lock/pid" 2>/dev/null) || holder=
    if [ -n "$holder" ] && ! lives "$holder"; then
      # It was killed. Who can rename the lock may remove it.
      if mv "$lock" "$lock.$$" 2>/dev/null; then rm -rf "$lock.$$"; fi
      continue
    fi
    if [ -z "$told" ]; then
      told=yes
      say "waiting for the build of process ${holder:-(not known yet)} (if none runs, remove $PWD/$lock)"
    fi
    sleep 1
  done
  trap 'rm -rf "$lock"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' HUP TERM
  echo $$ >"$lock/pid"
}

end_if_up_to_date
take_lock
end_if_up_to_date
if [ "$revision" = unknown ]; then say "the image will not name its commit: $(printf '%s\n' "$commit" | sed -n 1p)"; fi

started=$(date +%s)
choose_builder
unfinished=$("unfinished_with_$builder")
interrupted() {
  "clean_up_with_$builder" "$unfinished"
  exit "$1"
}
trap 'rm -rf "$new" "$new.archive" "$new.archive.layer" "$log.status" "$lock"' EXIT
trap 'interrupted 130' INT
trap 'interrupted 143' HUP TERM
provide_emulation "$arch"
choose_base "$arch"
say "building $result with $builder on $base_image ($base_origin)"

set -- --platform "linux/$arch" --build-arg "BASE_IMAGE=$base_image" --build-arg "BUILD_BASE_IMAGE=$build_base_image" \
  --build-arg "VERSION=$version" --build-arg "CREATED=$created" --build-arg "SOURCE=$source" --build-arg "REVISION=$revision"
if [ "${FRESH:-}" = 1 ]; then set -- "$@" --no-cache; fi
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

if [ "$what" = initrds ]; then set -- "$@" --target initrd-output; fi

archive=$new
if [ "$what" = initrds ]; then archive=$new.archive; fi
rm -rf "$new" "$archive" "$log.status"
# A pipe has only its last program's status, so the builder's own goes through a file.
build_and_tell() {
  if "build_with_$builder" "$arch" "$archive" "$name" "$@"; then echo 0 >"$log.status"; else echo "$?" >"$log.status"; fi
}
build_and_tell "$@" 2>&1 | tee "$log" | config/build/stages.sh >&2
status=$(cat "$log.status")
if [ "$status" != 0 ]; then
  "clean_up_with_$builder" "$unfinished"
  tail -n 30 "$log" >&2
  say "build $result: $builder ended with ${status:-(not known: is the disk full?)}; the last lines of $log stand above. The old $result, if any, is untouched"
  exit 1
fi
# The engine's name for the image is anybody's: a build elsewhere may have taken it for another architecture meanwhile.
config=$(tar -xOf "$archive" manifest.json | sed 's/.*"Config": *"\([^"]*\)".*/\1/')
if ! tar -xOf "$archive" "$config" | grep "\"architecture\": *\"$arch\"" >/dev/null; then
  say "build $result: what $builder wrote is not an image for $arch; does another build use the same engine? The old $result, if any, is untouched"
  exit 1
fi
if [ "$what" = initrds ]; then
  unpack_layers "$archive" "$new"
  for file in x86_64/initrd.gz aarch64/initrd.gz; do
    [ -s "$new/$file" ] || { say "build $result: what $builder wrote has no $file. The old $result, if any, is untouched"; exit 1; }
  done
fi
rm -f "$stamp"
rm -rf "$result"
mv "$new" "$result"
printf '%s\n' "$inputs" "$base_kind" >"$stamp"
say "wrote $result ($(($(find "$result" -type f -exec cat {} + | wc -c) / 1000000)) MB) in $(($(date +%s) - started)) s"
