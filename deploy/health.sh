#!/usr/bin/env bash
# Whether a program of this machine answers, with nothing but bash: images have no curl.
#   health.sh http PORT PATH    an answer with status 200
#   health.sh tcp PORT          a connection
set -euo pipefail

exec 3<>"/dev/tcp/127.0.0.1/$2"
[ "$1" = http ] || exit 0
printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$3" "$2" >&3
read -r -t 4 _ status _ <&3
[ "$status" = 200 ]
