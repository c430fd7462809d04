#!/usr/bin/env bash
# A cluster of machines on one: a network namespace for the coordinator and for each worker, each with a link of limited rate and a delay to a
# switch: a bridge and tc where the kernel has netem, else a program. Programs get the arguments and the environment that the chart gives
# them. Needs root.
#
#   deploy/simulate.sh quickstart [OPTIONS]          serve, answer a request, measure a few
#   deploy/simulate.sh kill [OPTIONS]                the same text twice, the second time with a worker killed (-9) in the middle
#   deploy/simulate.sh bench [OPTIONS] [-- ARGUMENTS OF cluster bench]
#   deploy/simulate.sh ping [OPTIONS]                how long a packet takes from one machine to another and back
#
#   --workers N      machines beside the coordinator's [3]
#   --split TxP      of the model that is served, tensor-parallel workers x pipeline stages [all share every layer: Nx1]
#   --rate RATE      of each link, each way [1gbit]
#   --rtt MS         round trip between machines, milliseconds [0.2]
#   --threads N      of each worker [1]
#   --model FILE     [the sample model]
#   --insecure       talk in plain text, to compare
#   --programs DIR   [artifacts/bin/Cluster.Coordinator/release]
#   --switch FILE    the program that delays frames where the kernel cannot [artifacts/bin/Cluster.Benchmarks/release/Cluster.Benchmarks]
set -euo pipefail

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }
die() { echo "simulate.sh: $*" >&2; exit 1; }

here=$(cd "$(dirname "$0")" && pwd)
verb=${1:-}
[ $# -gt 0 ] && shift
workers=3 split='' rate=1gbit rtt=0.2 threads=1 built=$here/../artifacts/bin model='' secure=yes rest=()
programs=$built/Cluster.Coordinator/release switch=$built/Cluster.Benchmarks/release/Cluster.Benchmarks
while [ $# -gt 0 ]; do
  case $1 in
    --workers) workers=$2; shift 2 ;;
    --split) split=$2; shift 2 ;;
    --rate) rate=$2; shift 2 ;;
    --rtt) rtt=$2; shift 2 ;;
    --threads) threads=$2; shift 2 ;;
    --model) model=$(realpath "$2"); shift 2 ;;
    --programs) programs=$2; shift 2 ;;
    --switch) switch=$2; shift 2 ;;
    --insecure) secure=no; shift ;;
    --) shift; rest=("$@"); break ;;
    *) die "unknown option '$1' (see '$0 --help')" ;;
  esac
done
case $verb in quickstart | kill | bench | ping) ;; -h | --help) usage; exit 0 ;; *) usage >&2; exit 2 ;; esac
[ "$(id -u)" = 0 ] || die "needs root, for network namespaces"
[ -x "$programs/cluster" ] || die "$programs has no 'cluster': dotnet build -c Release, or --programs"
for tool in ip tc curl jq ping; do command -v "$tool" >/dev/null || die "needs $tool (Debian: iproute2 curl jq iputils-ping)"; done
split=${split:-${workers}x1}
model=${model:-$programs/samples/storyteller-29m-q4_k_m.gguf}

prefix=clsim$$ folder=$(mktemp -d) started=() switch_pid=''
inside() { local machine=$1; shift; ip netns exec "$prefix-$machine" "$@"; }
# In the background only: the process becomes the program, so that its id is the program's.
become() { local machine=$1; shift; exec ip netns exec "$prefix-$machine" env "${environment[@]}" "$@"; }
address() { echo "10.77.0.$((1 + $1))"; }

# As a machine that loses its power, and without the shell's word on it.
strike() { { kill -9 "$1" && wait "$1"; } 2>/dev/null || true; }

end() {
  local pid
  for pid in "${started[@]}"; do strike "$pid"; done
  if [ -n "$switch_pid" ]; then
    kill "$switch_pid" 2>/dev/null && { wait "$switch_pid" || true; }
    sed 's/^/the switch: /' "$folder/switch.log"
  fi
  for machine in switch $(seq 0 "$workers"); do ip netns del "$prefix-$machine" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap end EXIT

# What leaves this end of a link; there and back a frame passes four of them.
shape() {
  tc -n "$prefix-$1" qdisc add dev "$2" root handle 1: tbf rate "$rate" burst 64kb latency 50ms
  tc -n "$prefix-$1" qdisc add dev "$2" parent 1:1 netem delay "$(awk "BEGIN { print $rtt / 4 }")ms"
}

connect_by_kernel() {
  local machine
  ip -n "$prefix-switch" link set bridge up
  for machine in $(seq 0 "$workers"); do
    ip -n "$prefix-$machine" link add lan type veth peer name "port$machine" netns "$prefix-switch"
    ip -n "$prefix-switch" link set "port$machine" master bridge up
    shape "$machine" lan
    shape switch "port$machine"
  done
}

# What a packet takes there and back, in milliseconds, where the switch adds nothing (simulate.sh ping --rtt 0).
unasked=0.11

# The switch makes a device for each machine and keeps the other end of it.
connect_by_program() {
  [ -x "$switch" ] || die "this kernel has no netem, and there is no $switch: dotnet build -c Release, or --switch"
  ip netns exec "$prefix-switch" "$switch" lan-switch --rate "$rate" \
    --rtt "$(awk "BEGIN { print ($rtt > $unasked) ? $rtt - $unasked : 0 }")" \
    --ports "$(seq -s, -f 'port%.0f' 0 "$workers")" >>"$folder/switch" 2>>"$folder/switch.log" &
  switch_pid=$!
  until grep -q ready "$folder/switch" 2>/dev/null; do kill -0 "$switch_pid" || die "the switch does not start: $(cat "$folder/switch.log")"; sleep 0.05; done
  local machine
  for machine in $(seq 0 "$workers"); do
    ip -n "$prefix-switch" link set "port$machine" netns "$prefix-$machine" name lan
  done
}

connect() {
  local machine by=kernel
  for machine in switch $(seq 0 "$workers"); do ip netns add "$prefix-$machine"; done
  ip -n "$prefix-switch" link add bridge type bridge
  tc -n "$prefix-switch" qdisc add dev bridge root netem delay 1ms 2>/dev/null || by=program
  tc -n "$prefix-switch" qdisc del dev bridge root 2>/dev/null || true
  "connect_by_$by"
  for machine in $(seq 0 "$workers"); do
    ip -n "$prefix-$machine" link set lo up
    ip -n "$prefix-$machine" address add "$(address "$machine")/24" dev lan
    ip -n "$prefix-$machine" link set lan up
  done
  echo "$((workers + 1)) machines, links of $rate, round trip $rtt ms, by the $by"
}

environment=(DOTNET_EnableDiagnostics=0 "TMPDIR=$folder" "XDG_CACHE_HOME=$folder/cache" "XDG_STATE_HOME=$folder/state")
joining=() api=(--insecure)

# Workers share a file system here, so they share a token as well.
protect() {
  if [ "$secure" = no ]; then joining=(--insecure=force) api=(--insecure=force); return; fi
  env "${environment[@]}" "$programs/cluster" join-token create --file "$folder/token" 2>/dev/null
  joining=(--join-token-file="$folder/token")
}

start_worker() {
  become "$1" "$programs/worker/cluster-worker" --coordinator="$(address 0):7070" --listen=0.0.0.0:7071 \
    --name="worker-$1" --device=cpu --threads="$threads" --log-level=warning "${joining[@]}" 2>>"$folder/worker-$1.log" &
  started+=($!)
  worker_pid=$!
}

start_coordinator() {
  become 0 "$programs/cluster" serve --listen=0.0.0.0:8080 --cluster-listen=0.0.0.0:7070 --workers="$workers" \
    --tensor-parallel="${split%x*}" --pipeline="${split#*x}" --model="$model" "${api[@]}" >"$folder/coordinator.log" 2>&1 &
  started+=($!)
  coordinator_pid=$!
}

serve() {
  start_coordinator
  for machine in $(seq 1 "$workers"); do start_worker "$machine"; done
  local tries
  for tries in $(seq 600); do
    if inside 0 "$here/health.sh" http 8080 /health/ready 2>/dev/null; then cat "$folder/coordinator.log"; return; fi
    kill -0 "$coordinator_pid" 2>/dev/null || break
    sleep 0.2
  done
  cat "$folder"/*.log >&2
  die "not ready after $tries looks"
}

# A greedy text from the first machine, which is not the coordinator's.
complete() {
  inside 1 curl --fail --silent --show-error --max-time 300 --header 'Content-Type: application/json' "http://$(address 0):8080/v1/completions" --data \
    "{\"prompt\": \"Once upon a time\", \"max_tokens\": ${1:-64}, \"temperature\": 0, \"ignore_eos\": true, \"stream\": ${2:-false}}"
}

# The text of a stream of events.
text_of() { sed -n 's/^data: {/{/p' "$1" | jq --raw-output --join-output '.choices[0].text // empty'; }

quickstart() {
  serve
  complete | jq --raw-output '.choices[0].text'
  inside 1 "$programs/cluster" bench serve --url "http://$(address 0):8080" --concurrency 1 --requests 4 --prompt-tokens 32 --output-tokens 128
}

kill_one() {
  serve
  complete 400 true >"$folder/undisturbed"
  complete 400 true >"$folder/disturbed" &
  local request=$! victim=$worker_pid
  until [ "$(grep -c '^data: {' "$folder/disturbed" 2>/dev/null || true)" -gt 50 ]; do kill -0 "$request" || break; sleep 0.02; done
  strike "$victim"
  echo "killed worker-$workers"
  wait "$request" || die "the stream ended with an error: $(tail -n 3 "$folder/disturbed")"
  tail -n 3 "$folder/coordinator.log"
  [ "$(tail -n 2 "$folder/disturbed" | head -n 1)" = 'data: [DONE]' ] || die "the stream did not end well: $(tail -n 3 "$folder/disturbed")"
  [ "$(text_of "$folder/undisturbed")" = "$(text_of "$folder/disturbed")" ] || die "the texts differ"
  echo "the stream went on; its text is the undisturbed one ($(text_of "$folder/disturbed" | wc -m) characters)"
}

bench() {
  local protection=()
  if [ "$secure" = no ]; then protection=(--insecure=force); fi
  for machine in $(seq 1 "$workers"); do start_worker "$machine"; done
  inside 0 env "${environment[@]}" "$programs/cluster" bench "$model" --workers "$workers" --cluster-listen "$(address 0):7070" "${protection[@]}" "${rest[@]}"
}

connect
protect
case $verb in
  ping) inside 1 ping -q -c 200 -i 0.01 "$(address 0)" ;;
  quickstart) quickstart ;;
  kill) kill_one ;;
  bench) bench ;;
esac
