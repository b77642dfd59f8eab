#!/usr/bin/env bash
# build and run the specs: ./dev test [paths or busted options]
. tools/dev/build.sh >&2
run_specs build "$@"
