#!/bin/bash
# s2i.sh SOURCE_DIR IMAGE [--from BUILDER] [-e NAME=VALUE]…: builds IMAGE from a source tree as OpenShift 4 does, which
# runs no S2I container but writes a Dockerfile and builds that. Needs what up.sh exports. Prints the build's own output
# and exits with its status.
set -euo pipefail
shopt -s dotglob nullglob                      # in .s2iignore * matches hidden files too
src=$(realpath "${1:?s2i.sh SOURCE_DIR IMAGE}") image=${2:?s2i.sh SOURCE_DIR IMAGE}; shift 2
env=() builder=localhost/python-312
while [ $# -gt 0 ]; do case $1 in
  --from) builder=$2; shift 2 ;;
  -e) env+=("$2"); shift 2 ;;
  *) echo "s2i.sh: what is $1?" >&2; exit 2 ;;
esac; done
: "${S2I_ENGINE:?eval what up.sh prints first}"
export TMPDIR=$S2I_ENGINE/tmp                  # else the engine leaves gigabytes in /var/tmp
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
up=$work/upload; mkdir -p "$up/src"

# The source, untracked files too (oc start-build --from-dir does the same), but never .git: no image has the history.
tar -C "$src" --exclude=./.git -cf - . | tar -C "$up/src" -xf -
# The project's own scripts move out of the source. Only these three names count.
if [ -d "$up/src/.s2i/bin" ]; then mv "$up/src/.s2i/bin" "$up/scripts"; fi
has() { [ -s "$up/scripts/$1" ]; }
# .s2iignore: globs from the root, not recursive; ! brings back what an earlier line matched. Applied before
# .s2i/environment is read, so listing .s2i there loses the environment silently.
if [ -f "$up/src/.s2iignore" ]; then
  declare -A drop=()
  while read -r line || [ -n "$line" ]; do
    case $line in '' | '#'*) continue ;; esac
    keep=${line#!}; for f in "$up/src"/${keep%/}; do
      if [ "$keep" = "$line" ]; then drop[$f]=1; else unset "drop[$f]"; fi
    done
  done <"$up/src/.s2iignore"
  if [ ${#drop[@]} -gt 0 ]; then rm -rf "${!drop[@]}"; fi
fi

scripts=/usr/libexec/s2i
{
  echo "FROM $builder"
  # Values are literal: quotes, $ and backslashes mean themselves. Lines without = are skipped, silently.
  { cat "$up/src/.s2i/environment" 2>/dev/null || true; printf '%s\n' "" "${env[@]}"; } | grep -v '^#' | grep '^[^=]\+=' |
    sed -E 's/[\\"$]/\\&/g; s/^([^=]+)=(.*)$/ENV \1="\2"/' || true
  [ ! -d "$up/scripts" ] || echo "COPY --chown=1001:0 upload/scripts /tmp/scripts"
  printf '%s\n' "COPY --chown=1001:0 upload/src /tmp/src" "USER 1001"
  if has assemble; then echo "RUN /tmp/scripts/assemble"; else echo "RUN $scripts/assemble"; fi
  if has run; then echo "CMD /tmp/scripts/run"; else echo "CMD $scripts/run"; fi
} >"$work/Dockerfile"

old=$(podman image inspect -f '{{.Id}}' "$image" 2>/dev/null || true)
# --layers=false: one layer and one commit for the whole build. Input from nowhere: a build that asks fails at once.
# shellcheck disable=SC2086 # several words
buildah build --isolation=chroot --layers=false $S2I_MOUNTS -f "$work/Dockerfile" -t "$image" "$work" </dev/null
# The image that lost its name would stay, 650 MB at a time, unless another one stands on it.
[ -z "$old" ] || [ -n "$(podman image inspect -f '{{join .RepoTags ""}}' "$old")" ] || podman rmi "$old" >/dev/null 2>&1 || true
