#!/bin/sh
# Removes what was built: both tarballs, build/, and the images that a builder keeps under the project's names; says what stays.
set -eu
. config/build/builders.sh
rm -rf build pxeboot_stack_amd64.tar pxeboot_stack_arm64.tar pxeboot_stack_amd64.tar.new pxeboot_stack_arm64.tar.new
for builder in docker buildah; do
  if [ -n "$("${builder}_lacks")" ]; then continue; fi
  for image in $kept_images; do
    if "has_with_$builder" "$image"; then "remove_with_$builder" "$image" || say "$builder keeps $image"; fi
  done
done
kept=${XDG_CACHE_HOME:-${HOME:-}/.cache}/pxeboot_stack
if [ -d "$kept" ]; then say "\"$kept\" stays, with image directories for all clones; rm -r \"$kept\" removes them"; fi
