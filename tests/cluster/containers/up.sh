#!/bin/bash
# up.sh DIR: a container engine of one's own in DIR and in it localhost/python-312, a stand-in for the S2I Python builder
# registry.access.redhat.com/ubi9/python-312 where that cannot be pulled. Debian 12, as root; a second call is quick.
#   eval "$(./up.sh /tmp/engine)"; ./s2i.sh SOURCE IMAGE; podman run $OPENSHIFT_RUN IMAGE python …; ./down.sh /tmp/engine
# Exports go to stdout, all else to stderr. S2I_BUILDER=registry.access.redhat.com/ubi9/python-312 pulls the real one.
# Needs podman, buildah, runc and mmdebstrap. Nothing global changes: configuration, images and locks are in DIR.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
die() { echo "up.sh: $*" >&2; exit 1; }
say() { printf '%4ds %s\n' $SECONDS "$*" >&2; }
dir=$(realpath -m "${1:?up.sh DIR}"); SECONDS=0
# Sockets lie below DIR and a Unix socket's path has 107 characters, 80 of them the engine's: no pytest tmp_path, then.
[ ${#dir} -le 40 ] || die "use a shorter path than $dir"
[ "$(id -u)" = 0 ] || die "run as root"
(umask 077; mkdir -p "$dir"/tmp)
exec 8>"$dir/lock"; flock 8                    # several test processes may call at once; the first one builds

# --- configuration. Overlay needs an upper layer that is no overlay itself (a container's root often is): try it.
if [ ! -s "$dir/storage.conf" ]; then
  mkdir -p "$dir"/probe/{l,u,w,m}; driver=vfs  # vfs copies the whole image for every layer: works, slowly
  if mount -t overlay overlay -o "lowerdir=$dir/probe/l,upperdir=$dir/probe/u,workdir=$dir/probe/w" "$dir/probe/m" 2>/dev/null
  then umount "$dir/probe/m"; driver=overlay; fi
  rm -rf "$dir/probe"
  # Where CAP_SYS_RESOURCE is missing, limits cannot be raised: the engine's default of a million open files fails, and
  # so do more processes than pid_max, to which the engine lowers its own limit before it starts a container.
  procs=$(printf '%s\n' "$(ulimit -Hu)" "$(cat /proc/sys/kernel/pid_max)" | grep -v unlimited | sort -n | head -1)
  cat >"$dir/containers.conf" <<C
[containers]
default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=$procs:$procs"]
netns = "host"                # no bridges, no iptables
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"   # no systemd asked
events_logger = "file"        # no journal asked
lock_type = "file"            # the default is one memory segment for all engines, and a new engine frees all its locks
static_dir = "$dir/storage/libpod"   # nowhere else: the command that ends a container derives it from graphroot; with
tmp_dir = "$dir/state"               # another one it knows no such container, and every run waits 20 s for its exit code
volume_path = "$dir/storage/volumes"
image_copy_tmp_dir = "$dir/tmp"
[network]
network_config_dir = "$dir/net"
C
  cat >"$dir/storage.conf" <<C
[storage]
driver = "$driver"
graphroot = "$dir/storage"
runroot = "$dir/run"
C
fi
export CONTAINERS_CONF=$dir/containers.conf CONTAINERS_STORAGE_CONF=$dir/storage.conf TMPDIR=$dir/tmp

# --- the host's pip settings, which containers do not see
python3 "$here/pip_settings.py" "$dir" || die "cannot read pip's settings"

# --- the builder image
builder() {
  local ctx=$dir/tmp/builder version prefix="" p packages=libssl3,libffi8,libsqlite3-0,libbz2-1.0,liblzma5,libreadline8,libuuid1,libexpat1,zlib1g,libgomp1,libstdc++6,libncursesw6
  packages+=,base-files,base-passwd,libc-bin,bash,dash,coreutils,findutils,grep,sed,mawk,tar,gzip,hostname
  rm -rf "$ctx"; cp -r "$here/builder" "$ctx"
  # Python 3.12 from this host: a prefix of its own (pyenv, /usr/local, …) is copied; else Debian's python3 is the stand-in.
  for p in python3.12 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12*/bin/python3.12 "$(getent passwd 0 | cut -d: -f6)"/.pyenv/versions/3.12*/bin/python3.12; do
    prefix=$("$p" -c 'import sys; print(sys.base_prefix)' 2>/dev/null) && [ "$prefix" != /usr ] && break
    prefix=""
  done
  if [ -n "$prefix" ]; then
    version=3.12; say "Python from $prefix"
    # shellcheck disable=SC2046 # several words
    tar -C "$prefix" -cf "$ctx/python.tar" --transform 's,^,usr/local/,SH' --exclude='lib/python3.12/test' --exclude='lib/python3.12/config-*' \
      --exclude='lib/python3.12/site-packages/*' --exclude='lib/*.a' bin/python3.12 $(cd "$prefix" && echo lib/libpython3*) lib/python3.12
  else
    version=3.11; packages+=,python3,python3-venv; tar -cf "$ctx/python.tar" -T /dev/null; say "no Python 3.12 here: Debian's 3.11"
  fi
  # Unpacking packages without configuring them takes 4 s; debootstrap's minbase takes 36. merged-usr: /bin is usr/bin.
  # The host's own mirror and apt settings, whatever they are, are read here and stored nowhere.
  apt-config dump Acquire >"$ctx/apt.conf"
  # shellcheck disable=SC2016 # apt fills these in
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
    sort -u | mmdebstrap --variant=extract --mode=root --aptopt="$ctx/apt.conf" --include="$packages" \
      --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr bookworm "$ctx/base.tar" - >"$dir/base.log" 2>&1 || die "mmdebstrap: see $dir/base.log"
  say "base system unpacked"
  buildah build -q --isolation=chroot --layers=false --build-arg VERSION=$version -t localhost/python-312 "$ctx" </dev/null >"$dir/builder.log" 2>&1 ||
    die "builder image: see $dir/builder.log"
  rm -rf "$ctx"
}
if ! podman image exists localhost/python-312; then
  if [ -n "${S2I_BUILDER:-}" ]; then podman pull -q "$S2I_BUILDER" >&2 && podman tag "$S2I_BUILDER" localhost/python-312
  else builder; fi
  say "localhost/python-312 is ready"
fi

# --- what OpenShift's restricted-v2 gives a pod that asks for a read-only root: some user in group 0, no capabilities,
# an emptyDir on /tmp. notmpcopyup: else the image's /tmp (with /tmp/scripts) is copied in, which Kubernetes does not do.
cat <<C
export S2I_ENGINE='$dir' CONTAINERS_CONF='$CONTAINERS_CONF' CONTAINERS_STORAGE_CONF='$CONTAINERS_STORAGE_CONF'
export S2I_MOUNTS='$(sed 's/.*/-v &:ro/' "$dir/mounts" | tr '\n' ' ')'
export OPENSHIFT_RUN='--rm --user 1000650000:0 --read-only --read-only-tmpfs=false --tmpfs /tmp:rw,mode=1777,notmpcopyup --cap-drop=all --security-opt=no-new-privileges'
C
