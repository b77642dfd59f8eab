# Starts moto on a port of its own, in a folder that goes with the judge. Sourced, with the judge's
# name: sets work, port, python and csorun; step tells of one thing that was tried, in `failed`.
judged=$1
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
export CSORUN_LUA=${CSORUN_LUA:-$PWD/lua}

# As a user of that account.
use_moto() {
  export AWS_ACCESS_KEY_ID=judge AWS_SECRET_ACCESS_KEY=judge AWS_REGION=eu-west-2
  export AWS_ENDPOINT_URL="http://127.0.0.1:$port" AWS_EC2_METADATA_DISABLED=true
}

failed=0
step() { # LABEL COMMAND…
  local label=$1
  shift
  if "$@" > said 2>&1 < /dev/null; then
    echo "ok     $judged: $label"
  else
    echo "FAIL   $judged: $label"
    tail -20 said | sed 's/^/         /'
    failed=1
  fi
}
