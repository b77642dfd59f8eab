#!/bin/bash
# Does every Keystone server answer, and does each accept a token that another one issued?
# Prints one line per finding; exit 0 only when all of them are good.
set -euo pipefail
. "${CSO_HOME:-/opt/scripts}/lib.sh"
read -r -a servers <<< "$CSO_KEYSTONE_HOSTS"
ca="$CSO_CERTS/ca/ca.crt"
good=0

password="$(secret keystone-admin)"
request="$(CSO_PASSWORD="$password" python3 - <<'PY'
import json
import os

user = {"name": "admin", "domain": {"id": "default"}, "password": os.environ["CSO_PASSWORD"]}
scope = {"project": {"name": "admin", "domain": {"id": "default"}}}
print(json.dumps({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}))
PY
)"

token_of() { # server: the token that it issues
  printf '%s' "$request" |
    curl -fsS --cacert "$ca" -D - -o /dev/null -H "Content-Type: application/json" -d @- \
      "https://$(host "$1"):5000/api/idm/v3/auth/tokens" |
    awk 'tolower($1) == "x-subject-token:" { sub(/\r$/, "", $2); print $2 }'
}

accepts() { # server, token; the token goes by standard input, not argv
  printf 'header = "X-Auth-Token: %s"\nheader = "X-Subject-Token: %s"\n' "$2" "$2" |
    curl -fsS --cacert "$ca" -o /dev/null -K - "https://$(host "$1"):5000/api/idm/v3/auth/tokens"
}

failed=0
for issuer in "${servers[@]}"; do
  if ! token="$(token_of "$issuer")" || [ -z "$token" ]; then
    say "$issuer issues no token"
    failed=1
    continue
  fi
  good=$((good + 1))
  for server in "${servers[@]}"; do
    if accepts "$server" "$token"; then
      say "$server accepts a token of $issuer"
    else
      say "$server refuses a token of $issuer"
      failed=1
    fi
  done
done

if [ "$failed" -eq 0 ]; then
  say "$good servers, cross-server token validation working"
else
  die "$good of ${#servers[@]} servers issue tokens; cross-server token validation is not working"
fi
