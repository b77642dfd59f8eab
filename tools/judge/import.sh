#!/usr/bin/env bash
# Makes a stack on moto, forgets it, imports the whole account, and expects an empty plan.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/judge/moto.bash import
use_moto
cp tools/judge/import.lua "$work/core.lua"
cd "$work"

step "makes a stack" "$csorun" apply core.lua -y
rm -rf .cso
step "finds it all again" "$csorun" import --all --take --out found.lua -y
step "then finds nothing to do" "$csorun" plan found.lua --detailed-exitcode
exit "$failed"
