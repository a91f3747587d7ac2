# shellcheck shell=sh disable=SC2034 # the choices are make-image.sh's
# Sourced by make-image.sh: which program builds, and on which base image.

registry_image=docker.io/library/debian:trixie-slim
tag=docker.io/library/pxeboot_stack

say() { printf '[image] %s\n' "$*" >&2; }

# A `docker` command may be a client without an engine or without the plug-in, so both are asked.
builds_with_docker() {
  command -v docker >/dev/null 2>&1 && docker info >/dev/null 2>&1 && docker buildx version >/dev/null 2>&1
}

# Sets builder.
choose_builder() {
  builder=${BUILDER:-auto}
  case $builder in
    docker | buildah) return ;;
    auto) ;;
    *) say "BUILDER is \"$builder\"; expected docker, buildah or auto"; exit 2 ;;
  esac
  if builds_with_docker; then
    builder=docker
  elif command -v buildah >/dev/null 2>&1; then
    builder=buildah
  else
    say 'no builder found: start Docker (with the buildx plug-in), or apt-get install buildah mmdebstrap'
    exit 1
  fi
}

# Sets base_image, build_base_image and base_origin for an architecture.
choose_base() {
  own_arch=$(machine_arch)
  case ${BASE:-auto} in
    registry) use_registry ;;
    mmdebstrap) use_mmdebstrap "$1" "$own_arch" ;;
    auto)
      if [ -s "build/base-$own_arch.tar" ]; then use_mmdebstrap "$1" "$own_arch"
      elif "pull_with_$builder" "$registry_image" >build/pull.log 2>&1; then use_registry
      else
        say "the registry's $registry_image cannot be had ($(tail -n 1 build/pull.log)); making a base from Debian's archive"
        use_mmdebstrap "$1" "$own_arch"
      fi ;;
    *) say "BASE is \"$BASE\"; expected registry, mmdebstrap or auto"; exit 2 ;;
  esac
}

# This machine's architecture in dpkg's words.
machine_arch() {
  case $(uname -m) in
    x86_64 | amd64) echo amd64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) say "this machine is a \"$(uname -m)\"; expected x86_64 or aarch64"; exit 1 ;;
  esac
}

use_registry() {
  base_image=$registry_image
  build_base_image=$registry_image
  base_origin="from the registry"
}

use_mmdebstrap() {
  base_image=localhost/pxeboot_base_$1:trixie
  build_base_image=localhost/pxeboot_base_$2:trixie
  base_origin="made with mmdebstrap"
  provide_base "$1"
  if [ "$1" != "$2" ]; then provide_base "$2"; fi
}

# Makes the base's tarball unless it is there, and imports it when it is new or the builder does not have it.
provide_base() {
  base_tar=build/base-$1.tar
  base_name=localhost/pxeboot_base_$1:trixie
  if [ ! -s "$base_tar" ]; then
    say "making $base_tar"
    config/build/make-base.sh "$1" "$base_tar"
  elif "has_with_$builder" "$base_name"; then
    return
  fi
  "import_with_$builder" "$1" "$base_tar" "$base_name"
}

pull_with_docker() { docker pull -q "$1"; }
pull_with_buildah() { buildah pull -q "$1"; }

has_with_docker() { docker image inspect "$1" >/dev/null 2>&1; }
has_with_buildah() { buildah inspect --type image "$1" >/dev/null 2>&1; }

# Not `docker import --platform`, which in Docker 20.10 leaves the engine's own architecture: BuildKit then does not find the image.
import_with_docker() {
  printf 'FROM scratch\nADD %s /\n' "${2##*/}" |
    docker buildx build -q --platform "linux/$1" --load -t "$3" -f - "${2%/*}" >/dev/null
}
import_with_buildah() {
  container=$(buildah from scratch)
  buildah add -q "$container" "$2" / >/dev/null
  buildah config --arch "$1" --cmd /bin/bash "$container"
  buildah commit -q --rm "$container" "$3" >/dev/null
}

# The container's packages are installed by programs of its own architecture.
provide_emulation() {
  "emulates_with_$builder" "$1" || config/build/emulation.sh "$1"
}

# The engine may run in a virtual machine that has its own emulation.
emulates_with_docker() { docker buildx inspect 2>/dev/null | grep -q "linux/$1"; }
emulates_with_buildah() { false; }

# Usage: build_with_X ARCH FILE OPTIONS…: the archive's one name is pxeboot_stack:latest, so that `docker load` prints one line.
# Called where a failing command does not end the script, so each says whether to go on.
build_with_docker() {
  file=$2
  shift 2
  docker buildx build --progress=plain "$@" --load -t pxeboot_stack:latest . &&
    docker save -o "$file" pxeboot_stack:latest
}
# buildah 1.28 takes the target's platform for BUILDPLATFORM unless it is told.
build_with_buildah() {
  image=$tag:latest
  file=$2
  shift 2
  buildah bud --isolation chroot --format docker --layers --pull=false \
    --build-arg "BUILDPLATFORM=linux/$(machine_arch)" "$@" -t "$image" . &&
    buildah push -q "$image" "docker-archive:$file:$tag:latest"
}

# Usage: clean_up_with_X UNFINISHED: removes what an interrupted or failed build left, but not what unfinished_with_X printed before it.
# buildah leaves the working container of each stage; those of a build that still runs cannot be told from ours.
unfinished_with_buildah() { buildah containers -q; }
clean_up_with_buildah() {
  # An interrupted one needs a moment to end.
  tries=50
  while pgrep -x buildah >/dev/null; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ]; then return; fi
    sleep 0.2
  done
  for id in $(unfinished_with_buildah); do
    case $1 in *"$id"*) ;; *) buildah rm "$id" >/dev/null ;; esac
  done
}
unfinished_with_docker() { :; }
clean_up_with_docker() { :; }
