#!/usr/bin/env bash
# feed the text codecs with made-up input: ./dev fuzz [seconds for each] [json yaml xml]
seconds=${1:-30}
targets=${2:-json yaml xml}
need_packages clang libclang-rt-dev liblua5.4-dev libyaml-dev libexpat1-dev
mkdir -p build-fuzz
sources=$(ls host/bind/json*.c host/bind/xml.c host/bind/yaml.c host/bind/option.c \
  host/core/buf.c host/core/json_*.c host/core/utf8.c host/core/xml.c host/core/yaml.c)
for target in $targets; do
  say "$target for $seconds s"
  clang -std=gnu11 -D_GNU_SOURCE -DTARGET=$target -g -O1 -fsanitize=fuzzer,address,undefined \
    -fno-sanitize-recover=undefined -Ihost -I/usr/include/lua5.4 \
    tools/fuzz/decode.c $sources -o "build-fuzz/$target" -llua5.4 -lyaml -lexpat -lm
  mkdir -p "build-fuzz/found-$target"
  # LeakSanitizer cannot see into Lua's one long-lived state, so it has nothing to tell here.
  (cd build-fuzz && ASAN_OPTIONS=detect_leaks=0 "./$target" -max_total_time="$seconds" -max_len=4096 \
    -timeout=10 -rss_limit_mb=1024 -print_final_stats=0 "found-$target" "../tools/fuzz/seed/$target")
done
