#!/usr/bin/env bash
# feed every parser with made-up input, two at a time: ./dev fuzz [TARGET …] [SECONDS for each]
need_packages clang libclang-rt-dev
build_preset release build >&2
[ -f build-fuzz/build.ninja ] || cmake --preset fuzz > /dev/null
cmake --build build-fuzz --target fuzz -j "${CSORUN_JOBS:-$(nproc)}" >&2
seconds=60 targets=()
for word in "$@"; do
  case $word in
    *[!0-9]*) targets+=("$word") ;;
    *) seconds=$word ;;
  esac
done
if [ ${#targets[@]} = 0 ]; then
  for file in tools/fuzz/target/*.lua; do targets+=("$(basename "$file" .lua)"); done
fi
out=build-fuzz/fuzz-out
mkdir -p "$out"

# The same inputs each time, as far as the time goes; FUZZ_SEED=N tries others. What takes a tenth of a second
# takes seconds here, where Lua's lines are counted, and longer on a busy machine.
# LeakSanitizer cannot see into Lua's one long-lived state, so it has nothing to tell here.
fuzzer() {
  local target=$1
  shift
  FUZZ_TARGET=$target CSORUN_LUA=$PWD/lua CSORUN_CATALOGUE=$PWD/build/catalogue.bin \
    ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=64 nice -n 10 build-fuzz/fuzz \
    -timeout=60 -rss_limit_mb=1536 -artifact_prefix="$out/$target-" "$@"
}

# repeats TARGET: whether one of the inputs that were just found does it again. What only a busy machine took
# too long for does not.
repeats() {
  local found
  for found in "$out/$1"-{crash,timeout,oom}-*; do
    [ "$found" -nt "$out/$1.began" ] || continue
    fuzzer "$1" "$found" >> "$out/$1.log" 2>&1 || return 0
  done
  return 1
}

fuzz_one() {
  local target=$1 dir=$out/$1 status=0
  mkdir -p "$dir"
  touch "$out/$target.began"
  fuzzer "$target" -max_total_time="$seconds" -max_len=4096 -seed="${FUZZ_SEED:-1}" -print_final_stats=1 \
    "$dir" $([ -d "tools/fuzz/seed/$target" ] && echo "tools/fuzz/seed/$target") > "$out/$target.log" 2>&1 || status=$?
  if [ "$status" = 0 ]; then
    echo "$target: $(awk '/number_of_executed_units/ { print $2 }' "$out/$target.log") inputs, no find"
  elif grep -qaE 'libFuzzer: (timeout|out-of-memory)' "$out/$target.log" && ! repeats "$target"; then
    echo "$target: UNSTEADY, a find that does not repeat; see $out/$target.log"
  else
    echo "$target: FOUND something; see $out/$target.log"
    grep -aE -m 4 'ERROR:|SUMMARY:|runtime error|^lua/|Test unit' "$out/$target.log" | sed 's/^/    /'
    return 1
  fi
}

passed=0 failed=0 running=()
settle() {
  if wait "${running[0]}"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  running=("${running[@]:1}")
}
for target in "${targets[@]}"; do
  [ -f "tools/fuzz/target/$target.lua" ] || { echo "fuzz: no target '$target'" >&2; exit 2; }
  [ ${#running[@]} -lt "${CSORUN_JOBS:-2}" ] || settle
  fuzz_one "$target" &
  running+=($!)
done
while [ ${#running[@]} -gt 0 ]; do settle; done
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
