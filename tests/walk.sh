#!/usr/bin/env bash
# Walks a stranger's path: runs the commands of the documents as they are written, in a fresh clone or an empty folder, with a home and
# a network of their own. Blocks marked ```sh are commands; comments before one, which readers do not see, say how it is to be taken:
#
#   <!-- walk: clone -->             at a page's top: its commands run in the clone
#   <!-- walk: skip REASON -->       cannot be run here, or not by a script
#   <!-- walk: slow REASON -->       only with --slow
#   <!-- walk: until WORDS -->       does not end by itself: go on when it has said WORDS (an extended regular expression)
#   <!-- walk: stays -->             does not end by itself, and says nothing when all is well
#   <!-- walk: on N … -->            on these machines, which have the addresses 10.77.0.N and a folder each
#   <!-- walk: with NAME=VALUE -->   what a reader puts in place of NAME; the shell expands it
#   <!-- walk: before COMMAND -->    what has to be there: a file that the reader brings, a copy from machine to machine
#
#   tests/walk.sh [--slow] [PAGE …]    [README.md docs/*.md]      needs root, for the network, and git, dotnet, ip, unshare, curl
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
fail() { echo "walk.sh: $*" >&2; exit 1; }

# With the network that this machine has. Packages that are there already are not fetched again.
prepare() {
  [ "$(id -u)" = 0 ] || fail "needs root, for networks of its own"
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  export NUGET_PACKAGES=${NUGET_PACKAGES:-$HOME/.nuget/packages} HOME=$folder/home DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
  mkdir "$HOME"
  git clone --quiet "$root" "$folder/clone"
  dotnet build "$folder/clone/coordinator" -c Release -v quiet -nologo
  unshare --net --mount "$0" --inside "$folder" "$@"
}

# Three machines on a network where nothing else is; this one is the first.
connect() {
  mkdir -p /run/netns
  mount -t tmpfs none /run/netns
  ip link set lo up
  ip link add lan type bridge
  ip address add 10.77.0.1/24 dev lan
  ip link set lan up
  local machine
  for machine in 2 3; do
    ip netns add "machine-$machine"
    ip link add "port$machine" type veth peer name lan netns "machine-$machine"
    ip link set "port$machine" master lan up
    ip -n "machine-$machine" link set lo up
    ip -n "machine-$machine" address add "10.77.0.$machine/24" dev lan
    ip -n "machine-$machine" link set lan up
  done
}

# A page is the first process of a namespace: what it started ends with it.
walk() {
  connect
  local page failed=()
  for page in "$@"; do
    timeout --foreground 1200 unshare --pid --fork --kill-child --mount-proc "$0" --page "$folder" "$page" 3>&1 >"$folder/log" 2>&1 && continue
    failed+=("$page")
    echo FAILED
    tail -n 20 "$folder/log"
  done
  [ ${#failed[@]} = 0 ] || fail "failed: ${failed[*]}"
}

walk_page() {
  local page=$1 bin=$folder/clone/artifacts/bin/Cluster.Coordinator/release line number=0 begin inside='' block='' marks=()
  place=$folder/$(basename "$page" .md)
  mkdir -p "$place" "$place"-{1,2,3}
  if grep -qxF '<!-- walk: clone -->' "$root/$page"; then cd "$folder/clone"; else cd "$place"; PATH=$bin:$bin/worker:$PATH; fi
  while IFS= read -r line; do
    number=$((number + 1))
    if [ -n "$inside" ]; then
      if [ "$line" != '```' ]; then block+=$line$'\n'; continue; fi
      begin=$SECONDS
      printf '%s' "$page:$inside: " >&3
      run_block "$block" "${marks[@]}" </dev/null
      echo "$outcome, $((SECONDS - begin)) s" >&3
      inside='' block='' marks=()
    elif [[ $line = '<!-- walk: '*' -->' && $line != '<!-- walk: clone -->' ]]; then
      line=${line#<!-- walk: }
      marks+=("${line% -->}")
    elif [ "$line" = '```sh' ]; then
      inside=$number
    fi
  done <"$root/$page"
}

# A block and what the comments before it say; sets what became of it.
run_block() {
  local block=$1 mark rest value words='' stays='' machine machines=here
  shift
  for mark in "$@"; do
    rest=${mark#* }
    case $mark in
      'skip '*) outcome="not run ($rest)"; return ;;
      'slow '*) [ -n "${slow:-}" ] || { outcome="only with --slow ($rest)"; return; } ;;
      'until '*) words=$rest ;;
      stays) stays=yes ;;
      'on '*) machines=$rest ;;
      'before '*) eval "$rest" ;;
      'with '*)
        value=$(eval "echo ${rest#*=}")
        block=${block//${rest%%=*}/$value} ;;
      *) fail "no mark '$mark'" ;;
    esac
  done
  outcome=ran
  for machine in $machines; do
    case $machine in
      here) rest=$block ;;
      1) rest="cd $place-1; $block" ;;
      *) rest="hostname machine-$machine; $block"
        rest="cd $place-$machine; exec ip netns exec machine-$machine unshare --uts bash -euc ${rest@Q}" ;;
    esac
    if [ -n "$stays" ]; then (eval "$rest") &
    elif [ -n "$words" ]; then run_until "$words" "$rest"
    elif [ "$machine" = here ]; then eval "$rest"
    else (eval "$rest"); fi
  done
}

# Leaves it in the background once it has said some words.
run_until() {
  local log pid
  log=$(mktemp -p "$folder")
  (eval "$2") >"$log" 2>&1 &
  pid=$!
  until grep -qE -- "$1" "$log"; do
    kill -0 "$pid" 2>/dev/null || { cat "$log"; fail "ended without saying '$1'"; }
    sleep 0.1
  done
}

if [ "${1:-}" = --slow ]; then export slow=yes; shift; fi
case ${1:-} in
  --inside) folder=$2; shift 2; walk "$@" ;;
  --page) folder=$2; walk_page "$3" ;;
  -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" ;;
  '') cd "$root"; prepare README.md docs/*.md ;;
  *) prepare "$@" ;;
esac
