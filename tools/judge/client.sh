#!/usr/bin/env bash
# Compares the client with botocore (requests, endpoints) and with moto's writers (answers) over
# every operation of every service. Skipped, and said to be, where they are not installed.
#   tools/judge/client.sh [SERVICE…]
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
python="${PYTHON:-python3}"
if ! "$python" -c "import botocore" 2>/dev/null; then
  echo "skip the client against botocore, which is not installed"
  exit 0
fi
answers=(--answers)
if ! "$python" -c "import moto.core.serialize" 2>/dev/null; then
  echo "skip answers, because moto is not installed"
  answers=()
fi
exec "$python" "$root/tools/judge/client_requests.py" --endpoints "${answers[@]}" "$@"
