#!/usr/bin/env bash
# luacheck over the Lua, cppcheck over the C
need_packages lua-check cppcheck
dirs=()
for dir in lua spec playbooks tools; do [ -d "$dir" ] && dirs+=("$dir"); done
status=0
say "luacheck ${dirs[*]}"
luacheck -q "${dirs[@]}" || status=1
say "cppcheck host tools"
cppcheck --quiet --error-exitcode=1 --std=c11 --language=c --inline-suppr \
  --enable=warning,performance,portability --suppress=missingIncludeSystem \
  -D_GNU_SOURCE -I host host tools || status=1
[ "$status" = 0 ]
