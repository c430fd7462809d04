#!/usr/bin/env bash
# Installs a coordinator or a worker as a service of this machine (Linux with systemd), from a published folder (deploy/publish.sh makes
# one). Running it again brings program and unit up to date; what /etc/cluster says stays unless arguments are given anew.
#
#   sudo deploy/install.sh coordinator --from DIR [-- ARGUMENTS OF cluster serve]
#   sudo deploy/install.sh worker --from DIR --coordinator HOST:7070 --join-token-file FILE [-- ARGUMENTS OF cluster-worker]
#   sudo deploy/install.sh uninstall
#
#   --from DIR            the published folder, with "cluster" and "worker/cluster-worker"
#   --coordinator ADDRESS where the worker joins
#   --join-token-file FILE  what 'cluster join-token create' printed on the coordinator's machine; it is copied
#   --gpu                 let the worker use NVIDIA's devices
#   --root DIR            write below DIR, and start nothing (for images)
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }
die() { echo "install.sh: $*" >&2; exit 1; }

role=${1:-}
[ $# -gt 0 ] && shift
from='' coordinator='' token='' root='' gpu=no arguments=() given=no
while [ $# -gt 0 ]; do
  case $1 in
    --from) from=${2:?--from needs a folder}; shift 2 ;;
    --coordinator) coordinator=${2:?--coordinator needs HOST:PORT}; shift 2 ;;
    --join-token-file) token=${2:?--join-token-file needs a file}; shift 2 ;;
    --root) root=${2:?--root needs a folder}; shift 2 ;;
    --gpu) gpu=yes; shift ;;
    --) shift; arguments=("$@"); given=yes; break ;;
    *) die "unknown option '$1' (see '$0 --help')" ;;
  esac
done

here=$(cd "$(dirname "$0")" && pwd)
live() { [ -z "$root" ]; }
control() { if live; then systemctl "$@"; fi; }

check_machine() {
  live || return 0
  [ "$(id -u)" = 0 ] || die "needs root: run it with sudo"
  [ "$(uname -s)" = Linux ] || die "needs Linux"
  [ -d /run/systemd/system ] || die "needs systemd as the init system; 'cluster' and 'cluster-worker' run without it as well"
}

install_program() {
  [ -n "$from" ] || die "--from is missing: a folder that deploy/publish.sh made"
  if ! [ -x "$from/cluster" ] || ! [ -x "$from/worker/cluster-worker" ]; then die "$from has no 'cluster' and 'worker/cluster-worker'"; fi
  local version
  version=$("$from/cluster" --version 2>&1) || die "$from/cluster does not run here: $version"
  # Made beside the old one and exchanged, so that a copy that ends early changes nothing.
  local target=$root/opt/cluster
  mkdir -p "$root/opt"
  rm -rf "$target.new"
  cp -R "$from" "$target.new"
  chmod -R u=rwX,go=rX "$target.new"
  rm -rf "$target.old"
  if [ -e "$target" ]; then mv "$target" "$target.old"; fi
  mv "$target.new" "$target"
  rm -rf "$target.old"
  echo "installed $version in $target"
}

install_user() {
  live || return 0
  getent passwd cluster >/dev/null || useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin cluster
}

# Adds an option with its value, unless the user gave another.
unless_given() {
  local word
  for word in "${arguments[@]}"; do
    case $word in "$1" | "$1="*) return 0 ;; esac
  done
  arguments+=("$@")
}

# Arguments of systemd's EnvironmentFile: words divided by spaces.
write_settings() {
  local file=$root/etc/cluster/$1.env
  shift
  mkdir -p "$root/etc/cluster" "$root/var/lib/cluster/models"
  if [ -e "$file" ] && [ "$given" = no ]; then
    echo "kept $file"
  else
    local word
    for word in "$@"; do
      case $word in *[[:space:]\"\'\\\$]*) die "'$word': spaces, quotes, \\ and \$ cannot be written to $file" ;; esac
    done
    echo "CLUSTER_ARGS=$*" >"$file"
    chmod 0644 "$file"
    echo "wrote $file"
  fi
}

start() {
  install -m 0644 -D "$here/systemd/$1.service" "$root/etc/systemd/system/$1.service"
  control daemon-reload
  control enable --quiet "$1"
  control restart "$1"
  if live; then
    systemctl is-active --quiet "$1" || die "$1 did not start: see 'journalctl -u $1'"
    echo "$1 runs: 'journalctl -fu $1'"
  fi
}

make_keys() {
  local keys=$root/etc/cluster/keys
  [ ! -e "$keys" ] || return 0
  mkdir -p "$root/etc/cluster"
  echo "the API key, shown this once:"
  "$root/opt/cluster/cluster" keys create admin --file "$keys" 2>/dev/null
  chmod 0640 "$keys"
  if live; then chgrp cluster "$keys"; fi
}

# A copy that the service can read and other users cannot.
keep_token() {
  local target=$root/etc/cluster/join-token
  [ -r "$token" ] || die "--join-token-file: $token cannot be read"
  mkdir -p "$root/etc/cluster"
  install -m 0640 "$token" "$target"
  if live; then chgrp cluster "$target"; fi
}

case $role in
  coordinator)
    check_machine
    install_program
    install_user
    make_keys
    unless_given --listen 0.0.0.0:8080
    unless_given --cluster-listen 0.0.0.0:7070
    unless_given --api-keys /etc/cluster/keys
    unless_given --insecure
    write_settings coordinator "${arguments[@]}"
    start cluster-coordinator
    echo "a token for workers: sudo -u cluster /opt/cluster/cluster join-token create --state-dir /var/lib/cluster"
    ;;
  worker)
    check_machine
    [ -n "$coordinator" ] || [ -e "$root/etc/cluster/worker.env" ] || die "--coordinator is missing: HOST:7070 of the coordinator"
    install_program
    install_user
    if [ -n "$coordinator" ]; then
      unless_given --coordinator "$coordinator"
      unless_given --listen 0.0.0.0:7071
      if [ -n "$token" ]; then unless_given --join-token-file /etc/cluster/join-token; fi
      given=yes
    fi
    if [ -n "$token" ]; then keep_token; fi
    write_settings worker "${arguments[@]}"
    gpu_file=$root/etc/systemd/system/cluster-worker.service.d/gpu.conf
    if [ "$gpu" = yes ]; then install -m 0644 -D "$here/systemd/cluster-worker-gpu.conf" "$gpu_file"; fi
    start cluster-worker
    ;;
  uninstall)
    check_machine
    for unit in cluster-coordinator cluster-worker; do
      if [ -e "$root/etc/systemd/system/$unit.service" ]; then control disable --now --quiet "$unit"; fi
      rm -rf "$root/etc/systemd/system/$unit.service" "$root/etc/systemd/system/$unit.service.d"
    done
    control daemon-reload
    rm -rf "$root/opt/cluster"
    echo "removed program and units; $root/etc/cluster and $root/var/lib/cluster stay"
    ;;
  -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
