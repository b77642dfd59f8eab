#!/usr/bin/env bash
# build build/csorun
. tools/dev/setup.sh
build_preset release build
