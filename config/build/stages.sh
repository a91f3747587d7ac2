#!/bin/sh
# Reads a builder's output and says when each stage of the Dockerfile begins, in seconds since the start.
# Understands buildah ("[1/7] STEP 1/9: FROM … AS name") and docker buildx --progress=plain ("#12 [name 3/9] RUN …").
set -eu
started=$(date +%s)
seen=' '
while IFS= read -r line; do
  case $line in
    *'STEP 1/'*': FROM '*' AS '*) stage=${line##* AS } ;;
    *'STEP 1/'*': FROM '*) stage=container ;;
    '#'*' ['*' '[0-9]*/[0-9]*'] '*)
      stage=${line#*\[}
      stage=${stage%%]*}
      # "[linux/arm64 name 3/9]"; the last stage has no name: "stage-8".
      stage=${stage% *}
      stage=${stage##* }
      case $stage in stage-*) stage=container ;; esac ;;
    *) continue ;;
  esac
  case $seen in *" $stage "*) continue ;; esac
  seen="$seen$stage "
  printf '[image] %4d s  %s\n' "$(($(date +%s) - started))" "$stage"
done
