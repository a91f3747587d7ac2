# The whole build: toolchain, services, installer, both initrds, iPXE, and the container for one architecture.
# Everything but the last stage's own packages is built on the machine's own architecture, so nothing needs emulation.
# Understood by docker buildx and by buildah 1.28: no heredocs, no COPY --link, no bind mounts of the context
# (buildah does not notice that their content has changed).
ARG BASE_IMAGE=docker.io/library/debian:trixie-slim
ARG BUILD_BASE_IMAGE=docker.io/library/debian:trixie-slim

# --- toolchain: Node and every npm package by the lock file, programs to strip and to unpack with -------------------
FROM --platform=$BUILDPLATFORM ${BUILD_BASE_IMAGE} AS toolchain
# Debian's npm only runs "npm ci"; after that the Node of the lock file is first in PATH.
RUN --mount=type=cache,id=pxeboot-apt,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      npm ca-certificates binutils binutils-x86-64-linux-gnu binutils-aarch64-linux-gnu xz-utils zstd \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json ./
COPY config/package.json config/
COPY boot_handler/package.json boot_handler/
COPY vm_watcher/package.json vm_watcher/
COPY os_installer/package.json os_installer/
COPY initrd/package.json initrd/
COPY lab/package.json lab/
COPY os_installer/fetch-node.sh os_installer/
COPY config/build/npm-ci.sh config/build/fetch-nodes.sh config/build/
RUN --mount=type=cache,id=pxeboot-npm,target=/root/.npm --mount=type=secret,id=extra_ca \
    config/build/npm-ci.sh
ENV PATH=/build/node_modules/.bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY config/build/strip-node.sh config/build/
RUN config/build/strip-node.sh /node

# --- iPXE: Debian's binaries for both architectures, the version pinned ----------------------------------------------
FROM toolchain AS ipxe
ARG IPXE_VERSION=1.21.1+git20250501.dad20602+dfsg-1
COPY config/build/fetch-ipxe.sh config/build/check-efi.mjs config/build/
RUN config/build/fetch-ipxe.sh "$IPXE_VERSION" /out

# --- packages of the initrds, for both architectures ------------------------------------------------------------------
FROM toolchain AS initrd-packages
COPY initrd/fetch-packages.sh initrd/packages.txt initrd/
RUN initrd/fetch-packages.sh x86_64 /packages/x86_64 && initrd/fetch-packages.sh aarch64 /packages/aarch64

# --- the installer: one executable for each architecture ---------------------------------------------------------------
FROM toolchain AS installer
COPY config/schemas config/schemas
COPY config/src config/src
COPY os_installer os_installer
RUN os_installer/compile.sh /out

# --- the initrds ---------------------------------------------------------------------------------------------------------
FROM initrd-packages AS initrd
COPY config/schemas config/schemas
COPY config/src config/src
COPY initrd initrd
COPY --from=installer /out/ /installer/
RUN for arch in x86_64 aarch64; do \
      mkdir -p "/out/$arch" && node initrd/src/main.ts --arch "$arch" --root "/packages/$arch" \
        --installer "/installer/os-installer-$arch" --output "/out/$arch/initrd.gz" || exit 1; \
    done

# --- the services, one file each ------------------------------------------------------------------------------------------
FROM toolchain AS services
COPY config/build/bundle.sh config/build/
COPY config/schemas config/schemas
COPY config/src config/src
COPY config/entrypoint config/entrypoint
COPY boot_handler/src boot_handler/src
COPY vm_watcher/src vm_watcher/src
RUN config/build/bundle.sh /out

# --- the container ------------------------------------------------------------------------------------------------------------
FROM ${BASE_IMAGE}
ARG TARGETARCH
RUN --mount=type=cache,id=pxeboot-apt-$TARGETARCH,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      dnsmasq-base dnsmasq-utils iproute2 nginx supervisor tini \
 && rm -rf /var/lib/apt/lists/* /var/log/* /usr/share/doc/*/*.gz /usr/share/man /usr/share/locale /usr/share/info \
      /var/www /etc/nginx/sites-enabled/default \
 && useradd --system --user-group --no-create-home --shell /usr/sbin/nologin pxeboot \
 && mkdir -p /mnt/host/vms /www/images /www/initrds /www/boot /srv/tftp /opt/pxeboot /run/pxeboot
COPY --from=toolchain /node/node-$TARGETARCH /usr/local/bin/node
COPY --from=ipxe /out/ /www/boot/
COPY --from=ipxe /out/ /srv/tftp/
COPY --from=initrd /out/ /www/initrds/
COPY supervisord.conf /etc/supervisor/supervisord.conf
COPY config/container/ /opt/pxeboot/
COPY config/schemas /opt/pxeboot/schemas
COPY config/templates /opt/pxeboot/templates/config
COPY boot_handler/templates /opt/pxeboot/templates/boot_handler
RUN cd /opt/pxeboot/templates/config && install -m 644 why.ipxe boot.ipxe /www/boot/ \
 && for root in /www/boot /srv/tftp; do \
      install -m 644 boot.ipxe "$root/boot.ipxe" && install -m 644 boot.ipxe "$root/autoexec.ipxe" || exit 1; \
    done
COPY --from=services /out/ /opt/pxeboot/

HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["/opt/pxeboot/healthcheck"]
ENTRYPOINT ["/usr/local/bin/node", "/opt/pxeboot/entrypoint.cjs"]
ARG REVISION=unknown
LABEL org.opencontainers.image.title="pxeboot_stack" \
      org.opencontainers.image.description="Power on a virtual machine, get an installed, configured system" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="$REVISION"
