# Functions that several commands of ./dev use. Sourced, never run.

say() { printf '%s\n' "==> $*" >&2; }

# Runs as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Prints those of its arguments that are Debian packages which are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
      printf '%s\n' "$package"
  done
}

# Installs what is missing of its arguments, and says so; does nothing when all is there.
need_packages() {
  local missing
  missing=$(missing_packages "$@")
  [ -z "$missing" ] && return 0
  say "installing" $missing
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

# build_preset PRESET DIR: configures once, then builds what changed.
build_preset() {
  [ -f "$2/build.ninja" ] || cmake --preset "$1" >/dev/null
  cmake --build "$2" -j "${CSORUN_JOBS:-$(nproc)}"
}

# run_specs BINARY_DIR [busted arguments]: the paths that are named, in one process; without any, all specs in
# CSORUN_JOBS processes (as many as there are processors).
run_specs() {
  local binary=$PWD/$1 argument jobs=${CSORUN_JOBS:-$(nproc)}
  shift
  for argument in "$@"; do
    [ "${argument#--}" != "$argument" ] || jobs=1
  done
  export CSORUN_LUA=${CSORUN_LUA:-$PWD/lua}
  if [ "$jobs" -gt 1 ]; then
    "$binary/csorun-lua" tools/specs/main.lua "$jobs" "$(command -v busted)" "$binary/spec-times.txt" "$@"
  else
    "$binary/csorun-lua" "$(command -v busted)" "$@"
  fi
}
