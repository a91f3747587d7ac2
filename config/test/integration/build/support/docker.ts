/** An engine that writes down what it is asked. PLATFORMS: what it runs; PULL: whether it reaches a registry; HAS: what image it has. */
export const docker = `#!/bin/sh
case "$1 $2" in
  'info '*) [ "\${ENGINE:-up}" = up ]; exit ;;
  'buildx version') exit 0 ;;
  'image inspect') [ "$3" = "\${HAS:-none}" ]; exit ;;
  'buildx inspect') echo "Platforms: \${PLATFORMS-linux/amd64, linux/arm64}"; exit 0 ;;
esac
echo "$*" | sed 's/ --build-arg.*--load/ … --load/' >> calls
case "$*" in
  *' -f - '*) cat >> dockerfiles ;;
  pull*) [ "\${PULL:-works}" = works ] || { echo 'dial tcp: lookup registry: no such host' >&2; exit 1; } ;;
  buildx*)
    echo "$BUILDX_NO_DEFAULT_ATTESTATIONS" > attestations
    echo "$*" | sed 's,.*--platform linux/\\([a-z0-9]*\\) .*,\\1,' > built
    echo '#5 [toolchain 1/2] FROM base' ;;
  save*) cat "image-$(cat built)" ;;
esac
`;
