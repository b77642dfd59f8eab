#!/usr/bin/env bash
# build with AddressSanitizer and UBSan and run the specs: ./dev asan [paths]
. tools/dev/setup.sh
build_preset asan build-asan >&2
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$PWD/tools/lsan.supp:print_suppressions=0}
# A process under the sanitizers starts twenty times as slowly. What starts hundreds of csorun that do
# what other specs do within one is left out, unless it is asked for by its path.
[ $# -gt 0 ] || set -- --exclude-tags=processes
run_specs build-asan "$@"
