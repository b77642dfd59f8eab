#!/usr/bin/env bash
# measure: ./dev bench [names of tools/bench/*.lua]; ratios, side by side, on this machine
. tools/dev/build.sh >&2
gcc -O2 -I/usr/include/lua5.4 tools/bench/floor.c -o build/floor -llua5.4 -lyaml -ljansson -lcrypto
gcc -O2 -I/usr/include/lua5.4 tools/bench/client/floor.c -o build/client_floor -llua5.4 -lcurl -lexpat -lcrypto
gcc -O2 tools/bench/client/stub.c -o build/stub
gcc -O2 tools/bench/cost.c -o build/cost
names=("$@")
if [ ${#names[@]} = 0 ]; then
  for file in tools/bench/*.lua; do names+=("$(basename "$file" .lua)"); done
fi
for name in "${names[@]}"; do
  say "bench $name"
  case $name in
    start) build/csorun-lua tools/bench/start.lua "$PWD/build/floor" ;;
    client) build/csorun-lua tools/bench/client.lua "$PWD/build/stub" "$PWD/build/client_floor" ;;
    *) build/csorun-lua "tools/bench/$name.lua" ;;
  esac
done
