#!/bin/sh
# Removes what was built: the tarballs of IMAGE_NAME, initrd/output, build/, and the images that a builder keeps under the project's names; says what stays.
set -eu
. config/build/builders.sh
check_image_name
rm -rf build initrd/output initrd/output.new initrd/output.new.archive "$file_name.tar"
for arch in amd64 arm64; do rm -f "${file_name}_$arch.tar" "${file_name}_$arch.tar.new"; done
for builder in docker buildah; do
  if [ -n "$("${builder}_lacks")" ]; then continue; fi
  for image in $kept_images; do
    if "has_with_$builder" "$image"; then "remove_with_$builder" "$image" || say "$builder keeps $image"; fi
  done
done
kept=${XDG_CACHE_HOME:-${HOME:-}/.cache}/pxeboot_stack
if [ -d "$kept" ]; then say "\"$kept\" stays, with image directories for all clones; rm -r \"$kept\" removes them"; fi
