#!/bin/sh
# Installs what the image build, the lab and the tests need on Debian or Ubuntu (lab/packages.txt).
# SETUP=0 only lists what is missing and the command.
# FOR=image is for the image build alone, which needs no Node here.
# FOREIGN=1 (or ARCH, when it is not this machine's) adds what the other architecture needs: its programs and VMs are
# emulated, and the kernel is told so.
set -eu

case ${FOR:-}/${ARCH:-} in
  image/* | */ | */x86_64 | */aarch64) ;;
  *) echo "setup: ARCH is \"$ARCH\"; expected x86_64 or aarch64" >&2; exit 2 ;;
esac
case ${ARCH:-$(uname -m)} in
  "$(uname -m)") ;;
  *) FOREIGN=1 ;;
esac
here=$(cd "$(dirname "$0")" && pwd)

wanted_packages() {
  sed -e '/^#/d' -e '/^$/d' "$here/packages.txt" |
    if [ "${FOREIGN:-}" = 1 ]; then cat; else sed '/FOREIGN=1/d'; fi |
    if [ "${FOR:-}" = image ]; then sed -n '/FOR=image/p'; else cat; fi |
    sed 's/ *#.*//'
}

# A program that is there from elsewhere counts: no second engine beside a running one, no second nginx.
is_installed() {
  case "$1" in
    docker.io) command -v dockerd > /dev/null && return ;;
    nginx-light) [ -x /usr/sbin/nginx ] && return ;;
  esac
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]
}

missing_packages() {
  for package in $(wanted_packages); do
    is_installed "$package" || printf '%s ' "$package"
  done
}

require_apt() {
  command -v apt-get > /dev/null && return
  echo "setup: this is not Debian or Ubuntu (no apt-get); install by hand what provides:" "$(wanted_packages | tr '\n' ' ')" >&2
  exit 1
}

# Services of these packages must not start, now or with the machine: the lab starts its own engine, the tests their own
# servers. Debian asks this file before it starts one (invoke-rc.d(8), deb-systemd-invoke(1p): policy-rc.d).
policy=/usr/sbin/policy-rc.d
services='nginx radvd docker'

install_packages() {
  as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  if [ -n "$as_root" ] && ! command -v sudo > /dev/null; then
    echo "setup: packages are missing and this is neither root nor is there sudo; run as root: apt-get install -y $*" >&2
    exit 1
  fi
  if ! apt-get install -s -qq "$@" > /dev/null 2>&1 || ! ls /var/lib/apt/lists/*Packages* > /dev/null 2>&1; then
    $as_root apt-get update -qq
  fi
  if [ ! -e "$policy" ]; then
    trap '$as_root rm -f "$policy"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' HUP TERM
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" > /dev/null
    $as_root chmod 755 "$policy"
  fi
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
  if [ -d /run/systemd/system ]; then
    for service in $services; do
      case " $* " in *" $service"*) $as_root systemctl disable --quiet "$service" || true ;; esac
    done
  fi
}

check_node() {
  version=$(node --version 2> /dev/null | sed 's/^v\([0-9]*\).*/\1/')
  if ! command -v npm > /dev/null || [ "${version:-0}" -lt 18 ]; then
    echo "setup: Node 18 or later with npm is needed to start from, here is \"$(node --version 2> /dev/null || echo none)\"; install the packages nodejs and npm" >&2
    exit 1
  fi
}

require_apt
missing=$(missing_packages)
if [ -z "$missing" ]; then
  echo "setup: every package is there"
elif [ "${SETUP:-1}" = 0 ]; then
  echo "setup: missing: $missing"
  echo "setup: install with: apt-get install -y --no-install-recommends $missing"
  exit 1
else
  echo "setup: installing $missing"
  # shellcheck disable=SC2086
  install_packages $missing
fi
[ "${FOR:-}" = image ] || check_node
if [ "${FOREIGN:-}" = 1 ]; then
  case $(uname -m) in
    x86_64) "$here/../config/build/emulation.sh" arm64 ;;
    *) "$here/../config/build/emulation.sh" amd64 ;;
  esac
fi
