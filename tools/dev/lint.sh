#!/usr/bin/env bash
# luacheck over the Lua, cppcheck over the C
need_packages lua-check cppcheck
dirs=()
for dir in lua spec playbooks tools; do [ -d "$dir" ] && dirs+=("$dir"); done
say "luacheck ${dirs[*]}"
luacheck -q "${dirs[@]}"
say "cppcheck host"
cppcheck --quiet --error-exitcode=1 --std=c11 --language=c --inline-suppr \
  --enable=warning,performance,portability --suppress=missingIncludeSystem \
  -D_GNU_SOURCE -I host host tools
