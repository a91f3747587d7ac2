# shellcheck shell=sh disable=SC2034 # the choices are make-image.sh's
# Sourced by make-image.sh: which program builds, on which base image, and what the image is called.

registry_image=docker.io/library/debian:trixie-slim

say() { printf '[image] %s\n' "$*" >&2; }

# What `docker load` prints of a tarball: IMAGE_NAME:IMAGE_TAG. The tarball's file has the last word of the name.
image_name=${IMAGE_NAME:-pxeboot_stack}
image_tag=${IMAGE_TAG:-latest}
file_name=${image_name##*/}
# As https://pkg.go.dev/github.com/distribution/reference has it, less ports and digests.
check_image_name() {
  if ! printf '%s\n' "$image_name" | grep -Eqx '[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*'; then
    say "IMAGE_NAME is \"$image_name\"; expected a name such as pxeboot_stack or ghcr.io/me/pxeboot_stack: small letters, digits and single . _ - /"
    exit 2
  fi
  if ! printf '%s\n' "$image_tag" | grep -Eqx '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'; then
    say "IMAGE_TAG is \"$image_tag\"; expected a tag such as latest or v1.2"
    exit 2
  fi
}
# Prints the name in full, as buildah must have it: with a shorter one `docker load` would print two lines.
full_name() {
  case $1 in
    localhost/* | *.*/*) echo "$1" ;;
    */*) echo "docker.io/$1" ;;
    *) echo "docker.io/library/$1" ;;
  esac
}

# Prints why docker does not build; nothing when it does. A `docker` command may be a client without an engine or without the plug-in.
docker_lacks() {
  if ! command -v docker >/dev/null 2>&1; then echo 'the command docker is not installed; install Docker with its plug-in buildx'
  elif ! docker info >/dev/null 2>&1; then
    if [ -z "${DOCKER_HOST:-}" ]; then echo 'no engine answers docker; start it'
    else echo "no engine answers docker at DOCKER_HOST \"$DOCKER_HOST\"; start it, or unset DOCKER_HOST"
    fi
  elif ! docker buildx version >/dev/null 2>&1; then echo 'docker has no plug-in buildx; install it'
  fi
}
builds_with_docker() { [ -z "$(docker_lacks)" ]; }

# Prints why buildah does not build; nothing when it does.
buildah_lacks() {
  if ! command -v buildah >/dev/null 2>&1; then echo 'the command buildah is not installed'; fi
}

# Sets builder.
choose_builder() {
  builder=${BUILDER:-auto}
  case $builder in
    docker | buildah)
      lacks=$("${builder}_lacks")
      if [ -n "$lacks" ]; then say "BUILDER is \"$builder\", but $lacks"; exit 1; fi
      return ;;
    auto) ;;
    *) say "BUILDER is \"$builder\"; expected docker, buildah or auto"; exit 2 ;;
  esac
  if builds_with_docker; then
    builder=docker
  elif [ -z "$(buildah_lacks)" ]; then
    builder=buildah
  else
    say "no builder found: $(docker_lacks); $(buildah_lacks)"
    if is_debian; then say 'apt-get install buildah mmdebstrap, or let "make all" do it'; fi
    exit 1
  fi
}

is_debian() { command -v apt-get >/dev/null 2>&1; }

# Sets base_image, build_base_image and base_origin for an architecture.
choose_base() {
  own_arch=$(machine_arch) || exit 1
  case ${BASE:-auto} in
    registry) use_registry ;;
    mmdebstrap) use_mmdebstrap "$1" "$own_arch" ;;
    auto)
      if [ -s "build/base-$own_arch.tar" ]; then use_mmdebstrap "$1" "$own_arch"
      elif "pull_with_$builder" "$registry_image" >build/pull.log 2>&1; then use_registry
      elif "has_with_$builder" "$registry_image"; then
        say "the registry's $registry_image cannot be had now ($(tail -n 1 build/pull.log)); taking the one that $builder has"
        use_registry
      elif ! is_debian; then
        say "the registry's $registry_image cannot be had: $(tail -n 1 build/pull.log). Another base is made on Debian only; see that $builder reaches the registry"
        exit 1
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
  base_kind=registry
}

use_mmdebstrap() {
  base_image=localhost/pxeboot_base_$1:trixie
  build_base_image=localhost/pxeboot_base_$2:trixie
  base_origin="made with mmdebstrap"
  base_kind=mmdebstrap
  provide_base "$1"
  if [ "$1" != "$2" ]; then provide_base "$2"; fi
}

# Makes the base's tarball unless it is there, made by the make-base.sh of now, and FRESH is not 1; imports it when it is new or the
# builder does not have it. Beside the tarball lie FILE.recipe, the script that made it, and for each builder that has it FILE.BUILDER.
provide_base() {
  base_tar=build/base-$1.tar
  base_name=localhost/pxeboot_base_$1:trixie
  recipe=config/build/make-base.sh
  if [ ! -s "$base_tar" ] || [ "${FRESH:-}" = 1 ] || ! cmp -s "$recipe" "$base_tar.recipe"; then
    say "making $base_tar"
    rm -f "$base_tar.recipe" "$base_tar.docker" "$base_tar.buildah"
    "$recipe" "$1" "$base_tar"
    cp "$recipe" "$base_tar.recipe"
  elif [ -e "$base_tar.$builder" ] && "has_with_$builder" "$base_name"; then
    return
  fi
  "import_with_$builder" "$1" "$base_tar" "$base_name"
  : >"$base_tar.$builder"
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
provide_emulation() { "provide_emulation_with_$builder" "$1"; }
provide_emulation_with_buildah() { config/build/emulation.sh "$1"; }
# The engine may run elsewhere, or in a virtual machine that has its own emulation: it is asked first.
provide_emulation_with_docker() {
  if docker buildx inspect --bootstrap 2>/dev/null | grep "linux/$1" >/dev/null; then return; fi
  if [ "$(uname -s)" = Linux ] && [ -z "${DOCKER_HOST:-}" ] && config/build/emulation.sh "$1"; then return; fi
  say "Docker's engine cannot run programs of $1. Docker Desktop can by itself: restart or update it. Any other engine can after: docker run --privileged --rm tonistiigi/binfmt --install $1"
  exit 1
}

# One platform and nothing beside it: a description of the build would make the tarball an index of several images.
export BUILDX_NO_DEFAULT_ATTESTATIONS=1

# Usage: build_with_X ARCH FILE NAME OPTIONS…: the archive's one name is NAME, with a tag, so that `docker load` prints one line.
# Called where a failing command does not end the script, so each says whether to go on.
build_with_docker() {
  file=$2
  name=$3
  shift 3
  docker buildx build --progress=plain "$@" --load -t "$name" . &&
    docker save "$name" >"$file"
}
# buildah 1.28 takes the target's platform for BUILDPLATFORM unless it is told. What is pushed is the image just built, whoever has
# its name meanwhile.
build_with_buildah() {
  id_file=build/image-$1.id
  file=$2
  name=$(full_name "$3")
  shift 3
  buildah bud --isolation chroot --format docker --layers --pull=false \
    --build-arg "BUILDPLATFORM=linux/$(machine_arch)" "$@" --iidfile "$id_file" -t "$name" . &&
    buildah push -q "$(cat "$id_file")" "docker-archive:$file:$name"
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

# What stays with the builder under the project's names after a build.
initrds_image=${image_name}_initrds:latest
kept_images="$(full_name "$image_name"):$image_tag $(full_name "$initrds_image") localhost/pxeboot_base_amd64:trixie localhost/pxeboot_base_arm64:trixie"
remove_with_docker() { docker image rm "$1" >/dev/null; }
remove_with_buildah() { buildah rmi "$1" >/dev/null; }

# Usage: unpack_layers ARCHIVE DIR: the files of an image with nothing below them, from what `docker save` or a push has written.
unpack_layers() {
  mkdir -p "$2"
  for layer in $(tar -xOf "$1" manifest.json | sed 's/.*"Layers": *\[\([^]]*\)\].*/\1/' | tr -d '"' | tr ',' ' '); do
    # By way of a file, since tar tells how a layer is packed by looking at its begin.
    tar -xOf "$1" "$layer" >"$1.layer" && tar -xf "$1.layer" -C "$2" && rm "$1.layer"
  done
}
