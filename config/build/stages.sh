#!/bin/sh
# Reads a builder's output and says when each stage of the Dockerfile begins, in seconds since the start.
# Understands buildah ("[1/7] STEP 1/9: FROM … AS name") and docker buildx --progress=plain ("#12 [name 3/9] RUN …").
set -euf
started=$(date +%s)
seen=' '
while IFS= read -r line; do
  case $line in
    *'STEP 1/'*': FROM '*' AS '*) stage=${line##* AS } ;;
    *'STEP 1/'*': FROM '*) stage=container ;;
    '#'*' ['*' '[0-9]*/[0-9]*'] '*)
      inside=${line#*\[}
      # "linux/arm64 name 3/9", the platform only where it is another; the last stage has no name: "stage-8".
      # shellcheck disable=SC2086 # two or three words
      set -- ${inside%%]*}
      if [ $# = 3 ]; then stage=$2; else stage=$1; fi
      case $stage in stage-*) stage=container ;; esac ;;
    *) continue ;;
  esac
  case $seen in *" $stage "*) continue ;; esac
  seen="$seen$stage "
  printf '[image] %4d s  %s\n' "$(($(date +%s) - started))" "$stage"
done
