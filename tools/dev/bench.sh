#!/usr/bin/env bash
# measure: ./dev bench [NAME [its words]]…, NAME one of tools/bench/*.lua; ratios, side by side, on this machine
names=() # the benchmarks to run
declare -A words=() # what each is told: the words after its name
for word in "$@"; do
  if [ -f "tools/bench/$word.lua" ]; then
    names+=("$word")
  elif [ ${#names[@]} -gt 0 ]; then
    words[${names[-1]}]+=" $word"
  else
    echo "dev: no benchmark '$word'; there are: $(basename -s .lua tools/bench/*.lua | xargs)" >&2
    exit 2
  fi
done
if [ ${#names[@]} = 0 ]; then
  for file in tools/bench/*.lua; do names+=("$(basename "$file" .lua)"); done
fi
. tools/dev/build.sh >&2
gcc -O2 -I/usr/include/lua5.4 tools/bench/floor.c -o build/floor -llua5.4 -lyaml -ljansson -lcrypto
gcc -O2 -I/usr/include/lua5.4 tools/bench/client/floor.c -o build/client_floor -llua5.4 -lcurl -lexpat -lcrypto
gcc -O2 tools/bench/client/stub.c -o build/stub
gcc -O2 tools/bench/cost.c -o build/cost
for name in "${names[@]}"; do
  say "bench $name"
  # shellcheck disable=SC2086 # words are apart again
  case $name in
    start) build/csorun-lua tools/bench/start.lua "$PWD/build/floor" ;;
    client) build/csorun-lua tools/bench/client.lua "$PWD/build/stub" "$PWD/build/client_floor" ;;
    *) build/csorun-lua "tools/bench/$name.lua" ${words[$name]:-} ;;
  esac
done
