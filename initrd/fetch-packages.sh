#!/bin/sh
# Downloads packages for one architecture and unpacks them into a directory; OUTDIR.packages then holds their names and
# versions.
# Nothing of that architecture is run, and apt's state on this machine stays as it is.
# usage: fetch-packages.sh x86_64|aarch64 OUTDIR [PACKAGE...]     (needs apt with Debian trixie's sources)
#   PACKAGE   without any: those of packages.txt
set -eu

here=$(dirname "$0")

fail() {
	echo "fetch-packages: $*" >&2
	exit 1
}

[ $# -ge 2 ] || fail "got $# arguments; usage: fetch-packages.sh x86_64|aarch64 OUTDIR [PACKAGE...]"
case $1 in
	x86_64) arch=amd64 ;;
	aarch64) arch=arm64 ;;
	*) fail "unknown architecture \"$1\"; expected x86_64 or aarch64" ;;
esac
out=$2
shift 2
packages=$*
list="the command line"
if [ -z "$packages" ]; then
	list=$here/packages.txt
	packages=$(sed 's/#.*//' "$list")
fi
mkdir -p "$out"
[ -z "$(ls -A "$out")" ] || fail "output directory \"$out\" is not empty; name a new one"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"
mkdir -p "$work/lists/partial" "$work/debs/partial"
: >"$work/status"

# A private package state: the architecture asked for is the only one, nothing is installed.
apt() {
	apt-get -qq -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Sandbox::User=root \
		-o Dir::State="$work" -o Dir::State::status="$work/status" -o Dir::Cache="$work" \
		-o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

apt update || fail "read the package lists for $arch: apt-get update exited with $?"
# shellcheck disable=SC2086 # a list of package names
(cd "$work/debs" && apt download $packages) || fail "download the packages of $list for $arch: apt-get exited with $?"

for package in $packages; do
	set -- "$work/debs/${package}_"*.deb
	[ -f "$1" ] || fail "package \"$package\" was not downloaded for $arch; see its name in $list"
	dpkg-deb -x "$1" "$out"
	dpkg-deb --field "$1" Package Version Architecture >>"$out.packages"
	echo >>"$out.packages"
done
