#!/usr/bin/env bash
# kill, and disturb, a deployment of prod-ha in every way: ./dev matrix kill|faults|throttled [options]
. tools/dev/build.sh >&2
export CSORUN_LUA=${CSORUN_LUA:-$PWD/lua}
build/csorun-lua tools/matrix/main.lua "$@"
