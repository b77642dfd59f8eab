#!/usr/bin/env bash
# Runs the life specs of the kinds on moto instead of on the simulator.
#   tools/judge/lives.sh [SPEC…]
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/judge/moto.bash lives
# One life of every kind that moto knows. The other files of spec/life go through every property,
# many of which moto takes and forgets: they are lived on the simulator alone.
specs=(spec/life/{access,balancer,compute,database,identity,network}_spec.lua)
[ $# = 0 ] || specs=("$@")
status=0
CSORUN_LIFE_ENDPOINT="http://127.0.0.1:$port" \
  build/csorun-lua "$(command -v busted)" -o TAP "${specs[@]}" > "$work/tap" 2>&1 || status=$?
# TAP's lines as this folder's: a pending life is one that moto cannot live.
sed -n -E -e 's/^ok [0-9]+ - (.*is not lived here: .*)/skip   \1/p; t' -e 's/^ok [0-9]+ - /ok     /p; t' \
  -e 's/^not ok [0-9]+ - /FAIL   /p; t' -e 's/^# (.*)/         \1/p' "$work/tap"
exit "$status"
