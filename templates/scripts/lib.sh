# shellcheck shell=bash
# What the setup scripts share. Source it; it reads the environment's facts from cso.env beside it.
CSO_HOME="${CSO_HOME:-/opt/scripts}"
CSO_CERTS="${CSO_CERTS:-/opt/ssl-certs}"
# shellcheck source=/dev/null
. "$CSO_HOME/etc/cso.env"

say() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*"; }
die() { say "error: $*" >&2; exit 1; }

# wait_for SECONDS WHAT COMMAND…: runs COMMAND every ten seconds until it succeeds.
wait_for() {
  local end=$((SECONDS + $1)) what="$2"
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || die "$what did not become ready"
    sleep "${CSO_POLL:-10}"
  done
  say "$what is ready"
}

# secret NAME: prints the value of the environment's secret; never put it in argv or a log.
secret() {
  aws secretsmanager get-secret-value --region "$CSO_REGION" \
    --secret-id "$CSO_SECRETS/$1" --query SecretString --output text
}

# fill FILE NAME=secret-name…: replaces each @NAME@ by the secret. The values go through the
# environment, not through argv, so that `ps` on the host cannot show them.
fill() {
  local file="$1" pair
  shift
  for pair in "$@"; do
    CSO_FILL="$(secret "${pair#*=}")" python3 - "$file" "${pair%%=*}" <<'PY'
import os
import sys

path, name = sys.argv[1:3]
with open(path, encoding="utf-8") as source:
    text = source.read()
with open(path, "w", encoding="utf-8") as target:
    target.write(text.replace("@" + name + "@", os.environ["CSO_FILL"]))
PY
  done
}

# host NAME: this server's name in the private zone.
# shellcheck disable=SC2153 # CSO_ZONE comes from cso.env
host() { printf '%s.%s' "$1" "$CSO_ZONE"; }

# ensure_user NAME: an unprivileged account for services.
ensure_user() { id -u "$1" >/dev/null 2>&1 || useradd --system --home-dir /opt/cso --shell /sbin/nologin "$1"; }
