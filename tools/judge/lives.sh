#!/usr/bin/env bash
# Runs the life specs of the kinds on moto instead of on the simulator.
#   tools/judge/lives.sh [SPEC…]
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${JUDGE_PYTHON:-python3}
work=$(mktemp -d)
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
MOTO_IAM_LOAD_MANAGED_POLICIES=true "$python" -m moto.server -H 127.0.0.1 -p "$port" > "$work/moto.log" 2>&1 &
moto=$!
trap 'kill "$moto" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 150); do
  (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  sleep 0.2
done
# One life of every kind that moto knows. The other files of spec/life go through every property,
# many of which moto takes and forgets: they are lived on the simulator alone.
specs=(spec/life/{access,balancer,compute,database,identity,network}_spec.lua)
[ $# = 0 ] || specs=("$@")
status=0
CSORUN_LIFE_ENDPOINT="http://127.0.0.1:$port" CSORUN_LUA=${CSORUN_LUA:-$PWD/lua} \
  build/csorun-lua "$(command -v busted)" -o TAP "${specs[@]}" > "$work/tap" 2>&1 || status=$?
# TAP's lines as this folder's: a pending life is one that moto cannot live.
sed -n -E -e 's/^ok [0-9]+ - (.*is not lived here: .*)/skip   \1/p; t' -e 's/^ok [0-9]+ - /ok     /p; t' \
  -e 's/^not ok [0-9]+ - /FAIL   /p; t' -e 's/^# (.*)/         \1/p' "$work/tap"
exit "$status"
