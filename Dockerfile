# The whole build: toolchain, services, installer, both initrds, iPXE, and the container for one architecture.
# Everything but the container's own packages is built on the machine's own architecture: the one RUN of stage "packages"
# is all that needs emulation when the image is for the other one.
# Understood by docker buildx and by buildah 1.28: no heredocs, no COPY --link, no bind mounts of the context
# (buildah does not notice that their content has changed), and a platform for every stage on a base image (in buildah the
# last one named stays in force).
ARG BASE_IMAGE=docker.io/library/debian:trixie-slim
ARG BUILD_BASE_IMAGE=docker.io/library/debian:trixie-slim

# --- toolchain: Node and every npm package by the lock file, Python, programs to strip and to unpack with -------------------
FROM --platform=$BUILDPLATFORM ${BUILD_BASE_IMAGE} AS toolchain
# Debian's npm only runs "npm ci"; after that the Node of the lock file is first in PATH.
RUN --mount=type=cache,id=pxeboot-apt,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      -o Dpkg::Options::=--force-unsafe-io \
      npm python3 ca-certificates binutils binutils-x86-64-linux-gnu binutils-aarch64-linux-gnu xz-utils zstd \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json ./
COPY config/package.json config/
COPY boot_handler/package.json boot_handler/
COPY vm_watcher/package.json vm_watcher/
COPY os_installer/package.json os_installer/
COPY initrd/package.json initrd/
COPY lab/package.json lab/
COPY config/build/npm-ci.sh config/build/fetch-nodes.sh config/build/
RUN --mount=type=cache,id=pxeboot-npm,target=/root/.npm --mount=type=secret,id=extra_ca \
    config/build/npm-ci.sh
ENV PATH=/build/node_modules/.bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY config/build/strip-node.sh config/build/
RUN config/build/strip-node.sh x64 /node/node-amd64 && config/build/strip-node.sh arm64 /node/node-arm64

# --- iPXE: Debian's binaries for both architectures, the version pinned ----------------------------------------------
FROM toolchain AS ipxe
ARG IPXE_SOURCE=debian
ARG IPXE_VERSION=1.21.1+git20250501.dad20602+dfsg-1
COPY config/build/fetch-ipxe.sh config/build/download.mjs config/build/check-efi.mjs config/build/
RUN --mount=type=secret,id=extra_ca \
    config/build/fetch-ipxe.sh "$IPXE_SOURCE" "$IPXE_VERSION" /out /packages/ipxe

# --- our own GRUB for both architectures, for systems that bring none --------------------------------------------------
FROM toolchain AS grub
COPY config/build/make-grub.sh config/build/check-efi.mjs config/build/
COPY initrd/fetch-packages.sh initrd/
RUN config/build/make-grub.sh /out /packages/grub

# --- packages of the initrds, for both architectures ------------------------------------------------------------------
FROM toolchain AS initrd-packages
COPY initrd/fetch-packages.sh initrd/packages.txt initrd/
RUN initrd/fetch-packages.sh x86_64 /packages/x86_64 && initrd/fetch-packages.sh aarch64 /packages/aarch64

# --- every program as one file --------------------------------------------------------------------------------------------
# A change of the sources that leaves a program's file as it was leaves the stages alone that are made of it: both builders
# compare what is copied from another stage, byte by byte.
FROM toolchain AS bundles
COPY config/build/bundle.sh config/build/write-schemas.ts config/build/
COPY config/kit config/kit
COPY config/contract config/contract
COPY config/definitions config/definitions
COPY config/host config/host
COPY config/import config/import
COPY config/inspect config/inspect
COPY config/lint config/lint
COPY config/container config/container
COPY boot_handler/src boot_handler/src
COPY initrd/src initrd/src
COPY os_installer/src os_installer/src
COPY vm_watcher/src vm_watcher/src
RUN config/build/bundle.sh /out /meta

# --- the installer: one executable for each architecture ---------------------------------------------------------------
FROM toolchain AS installer
COPY os_installer/compile.sh os_installer/
COPY config/build/trim-icu.ts config/build/
COPY --from=bundles /out/installer/ /bundles/
RUN os_installer/compile.sh /bundles/os-installer.cjs /out

# --- the initrds ---------------------------------------------------------------------------------------------------------
FROM initrd-packages AS initrd
COPY initrd/manifest.txt initrd/init initrd/
COPY initrd/files initrd/files
COPY --from=bundles /out/initrd/ /bundles/
COPY --from=installer /out/ /installer/
COPY --from=grub /out/ /built/
# Both at once: compressing takes one core more than a minute.
RUN build() { \
      mkdir -p "/out/$1" && node /bundles/initrd.cjs --arch "$1" --folder initrd --root "/packages/$1" \
        --installer "/installer/os-installer-$1" --built "/built/$1" --output "/out/$1/initrd.gz"; \
    } \
 && { build x86_64 & other=$!; } && build aarch64 && wait "$other"

# --- the initrds alone, for "make initrds" ------------------------------------------------------------------------------------
FROM --platform=$BUILDPLATFORM scratch AS initrd-output
COPY --from=initrd /out/ /

# --- the container's files, but for the large ones ------------------------------------------------------------------------
FROM --platform=$BUILDPLATFORM ${BUILD_BASE_IMAGE} AS files
COPY supervisord.conf /out/etc/supervisor/supervisord.conf
COPY config/container/programs/ /out/opt/pxeboot/
RUN mkdir -p /out/usr/local/bin && ln -s /opt/pxeboot/lint-vms /opt/pxeboot/image /out/usr/local/bin/
COPY lab/image/modules.txt /out/opt/pxeboot/installer-modules.txt
COPY --from=bundles /out/schemas/ /out/opt/pxeboot/schemas/
COPY config/container/templates /out/opt/pxeboot/templates/config
COPY boot_handler/templates /out/opt/pxeboot/templates/boot_handler
COPY --from=ipxe /out/ /out/www/boot/
COPY --from=ipxe /out/ /out/srv/tftp/
COPY --from=bundles /out/services/ /out/opt/pxeboot/
RUN cd /out/opt/pxeboot/templates/config && install -m 644 why.ipxe /out/www/boot/ \
 && for root in /out/www/boot /out/srv/tftp; do \
      install -m 644 boot.ipxe "$root/boot.ipxe" && install -m 644 boot.ipxe "$root/autoexec.ipxe" || exit 1; \
    done

# --- the container's packages: the only programs of its own architecture that the build runs --------------------------------
# While they are installed, Python is a program that does nothing: all it would do is to compile its modules, which takes
# minutes where it is emulated. Stage "bytecode" does it. Last, no program is setuid or setgid any more, those of the base image too:
# nothing here needs one, and each is a way to root.
FROM --platform=$TARGETPLATFORM ${BASE_IMAGE} AS packages
ARG TARGETARCH
RUN --mount=type=cache,id=pxeboot-apt-$TARGETARCH,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update -qq \
 && dpkg-divert --quiet --local --rename --divert /usr/bin/python3.13.installed --add /usr/bin/python3.13 \
 && ln -s /usr/bin/true /usr/bin/python3.13 \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      -o Dpkg::Options::=--force-unsafe-io \
      dnsmasq-base dnsmasq-utils iproute2 nginx supervisor tini \
      qemu-utils mtools kmod cpio zstd xz-utils bzip2 \
 && rm /usr/bin/python3.13 \
 && dpkg-divert --quiet --local --rename --remove /usr/bin/python3.13 \
 && rm -rf /var/lib/apt/lists/* /var/log/* /usr/share/doc/*/*.gz /usr/share/man /usr/share/locale /usr/share/info \
      /var/www /etc/nginx/sites-enabled/default \
 && for user in pxeboot vm_watcher; do \
      useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "$user" || exit 1; \
    done \
 && mkdir -p /mnt/host/vms /www/images /www/initrds /www/boot /srv/tftp /opt/pxeboot /run/pxeboot \
 && find / -xdev -perm /6000 -exec chmod ug-s {} +

# --- Python's modules for supervisord, compiled -----------------------------------------------------------------------------
# What is written depends on Python's version, not on the architecture. "unchecked-hash": file times, which a builder may
# change, do not count, so nothing is compiled again at a start, be the file system writable or not.
FROM toolchain AS bytecode
COPY --from=packages /usr/lib/python3 /out/usr/lib/python3
COPY --from=packages /usr/lib/python3.13 /out/usr/lib/python3.13
RUN python3.13 -m compileall -q -j 0 -s /out -p / --invalidation-mode unchecked-hash /out \
 && find /out ! -type d ! -name '*.pyc' -delete

# --- what the image is made of --------------------------------------------------------------------------------------------
FROM initrd-packages AS sbom
COPY config/host/program.ts config/host/
COPY config/build/sbom config/build/sbom
COPY --from=ipxe /packages/ /packages/
COPY --from=grub /packages/ /packages/
COPY --from=bundles /meta/ /meta/
COPY --from=packages /var/lib/dpkg/status /container/status
COPY --from=packages /usr/share/doc /container/doc
ARG TARGETARCH
RUN node config/build/sbom/main.ts --arch "$TARGETARCH" --container /container --metafile /meta/*.json --output /out \
      --taken initrd-x86_64=/packages/x86_64 initrd-aarch64=/packages/aarch64 \
      grub-x86_64=/packages/grub/x86_64 grub-aarch64=/packages/grub/aarch64 ipxe=/packages/ipxe

# --- the container ------------------------------------------------------------------------------------------------------------
FROM packages
ARG TARGETARCH
COPY --from=toolchain /node/node-$TARGETARCH /usr/local/bin/node
COPY --from=bytecode /out/ /
COPY --from=initrd /out/ /www/initrds/
COPY --from=files /out/ /
COPY --from=sbom /out/ /

HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["/opt/pxeboot/healthcheck"]
ENTRYPOINT ["/usr/local/bin/node", "/opt/pxeboot/entrypoint.cjs"]
# What the labels mean: https://github.com/opencontainers/image-spec/blob/main/annotations.md. Empty: not known to the build.
# "created" is the commit's time, so that one commit gives one image. "licenses" is of all that is inside: MIT is the project's own,
# the GNU ones are those of busybox, tar, the C library and more; the last word stands for the rest, part by part, in
# /usr/share/pxeboot/bill-of-materials.cdx.json (config/build/sbom/sbom.ts has the same expression).
ARG BASE_IMAGE
ARG VERSION=
ARG CREATED=
ARG SOURCE=
ARG REVISION=unknown
LABEL org.opencontainers.image.title="pxeboot_stack" \
      org.opencontainers.image.description="Power on a virtual machine, get an installed, configured system" \
      org.opencontainers.image.licenses="MIT AND GPL-2.0-only AND GPL-3.0-or-later AND LGPL-2.1-or-later AND LicenseRef-bill-of-materials" \
      org.opencontainers.image.base.name="$BASE_IMAGE" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.revision="$REVISION"
