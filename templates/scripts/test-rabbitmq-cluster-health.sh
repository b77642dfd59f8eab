#!/bin/bash
# Do all nodes run, and is every queue replicated? Run it on a broker node.
# Prints one line per finding; exit 0 only when all of them are good.
set -euo pipefail
. "${CSO_HOME:-/opt/scripts}/lib.sh"
read -r -a nodes <<< "$CSO_RABBITMQ_HOSTS"

CSO_NODES="${#nodes[@]}" python3 - "$(rabbitmqctl cluster_status --formatter json)" <<'PY' || die "the cluster is not complete"
import json
import os
import sys

status = json.loads(sys.argv[1])
running = sorted(status["running_nodes"])
parted = status.get("partitions") or {}
print(f"{len(running)} nodes running: {', '.join(running)}")
if parted:
    print(f"network partition: {json.dumps(parted)}")
sys.exit(0 if len(running) == int(os.environ["CSO_NODES"]) and not parted else 1)
PY

# A queue without its full set of copies; with a single node there is nothing to copy to.
[ "${#nodes[@]}" -gt 1 ] || { say "one node, nothing to mirror"; exit 0; }
alone="$(rabbitmqctl list_queues -p ssp --quiet --no-table-headers name type members slave_pids |
  awk -F '\t' -v want="${#nodes[@]}" '
    $2 == "quorum" { if (split($3, member, ",") < want) print $1; next }
    { if (split($4, copy, ",") < want - 1 || $4 == "[]" || $4 == "") print $1 }')"
[ -z "$alone" ] || die "queues without all their copies: $(tr '\n' ' ' <<< "$alone")"
say "${#nodes[@]} nodes running, all queues mirrored"
