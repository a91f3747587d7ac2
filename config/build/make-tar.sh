#!/bin/sh
# Writes pxeboot_stack.tar, this machine's tarball under the name that pvmlab's integration tests take. It is the same file.
set -eu
. config/build/builders.sh
check_image_name
arch=$(machine_arch)
config/build/make-image.sh "$arch"
rm -f "$file_name.tar"
ln "${file_name}_$arch.tar" "$file_name.tar" 2>/dev/null || cp "${file_name}_$arch.tar" "$file_name.tar"
say "$file_name.tar is ${file_name}_$arch.tar"
