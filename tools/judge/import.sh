#!/usr/bin/env bash
# Makes a stack on moto, forgets it, imports the whole account, and expects an empty plan.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${JUDGE_PYTHON:-python3}
csorun=$PWD/build/csorun
work=$(mktemp -d)
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
MOTO_IAM_LOAD_MANAGED_POLICIES=true "$python" -m moto.server -H 127.0.0.1 -p "$port" > "$work/moto.log" 2>&1 &
moto=$!
trap 'kill "$moto" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 150); do
  (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  sleep 0.2
done
export AWS_ACCESS_KEY_ID=judge AWS_SECRET_ACCESS_KEY=judge AWS_REGION=eu-west-2 AWS_EC2_METADATA_DISABLED=true
export AWS_ENDPOINT_URL="http://127.0.0.1:$port" CSORUN_LUA=${CSORUN_LUA:-$PWD/lua}
cp tools/judge/import.lua "$work/core.lua"
cd "$work"

failed=0
step() { # LABEL COMMAND…
  local label=$1
  shift
  if "$@" > said 2>&1 < /dev/null; then
    echo "ok     import: $label"
  else
    echo "FAIL   import: $label"
    tail -20 said | sed 's/^/         /'
    failed=1
  fi
}
step "makes a stack" "$csorun" apply core.lua -y
rm -rf .cso
step "finds it all again" "$csorun" import --all --take --out found.lua -y
step "then finds nothing to do" "$csorun" plan found.lua --detailed-exitcode
exit "$failed"
