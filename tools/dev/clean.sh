#!/usr/bin/env bash
# remove what was built
rm -rf build build-debug build-asan
