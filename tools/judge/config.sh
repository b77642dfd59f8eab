#!/usr/bin/env bash
# Gives the portal's rendered configuration to the programs that will read it.
#   tools/judge/config.sh [ENVIRONMENT…]     default: dev prod-ha (every template, with one and two hosts)
# A program that is not installed is skipped, and said to be. Each judge also has to refuse a broken
# copy: one that accepts everything is no judge. Exit 0: nothing was refused that should not be.
# shellcheck disable=SC2317,SC2016  # checks are called by name; sed expressions keep their dollars
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
lua="${CSORUN_LUA_BINARY:-$root/build/csorun-lua}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
failed=0

have() { command -v "$1" >/dev/null 2>&1; }
report() { printf '%-6s %s\n' "$1" "$2"; }

# judge LABEL FILE SPOILED-FILE COMMAND…: COMMAND FILE must succeed, COMMAND SPOILED-FILE must not.
judge() {
  local label="$1" file="$2" spoiled="$3"
  shift 3
  if ! "$@" "$file" > "$work/said" 2>&1 < /dev/null; then
    report FAIL "$label"
    sed 's/^/         /' "$work/said"
    failed=1
  elif "$@" "$spoiled" > "$work/said" 2>&1 < /dev/null; then
    report FAIL "$label: a broken copy was accepted too"
    failed=1
  else
    report ok "$label"
  fi
}

# spoil FILE SED-EXPRESSION: prints the name of a copy with one mistake in it.
spoil() {
  local copy
  copy="$(mktemp "$work/spoiled.XXXXXX")"
  sed "$2" "$1" > "$copy"
  ! cmp -s "$1" "$copy" || { report FAIL "nothing to spoil in $1" >&2; return 1; }
  printf '%s' "$copy"
}

check_nginx() {
  local box="$work/nginx" kind
  mkdir -p "$box"
  {
    printf 'pid %s/pid; error_log stderr; events {}\nhttp {\n' "$box"
    for kind in client_body proxy fastcgi uwsgi scgi; do
      printf '%s_temp_path %s/%s;\n' "$kind" "$box" "$kind"
    done
    printf 'access_log off; include %s;\n}\n' "$1"
  } > "$box/nginx.conf"
  nginx -t -q -p "$box" -c "$box/nginx.conf"
}

# Apache really reads the certificate files and looks up the user: paths and user of this machine
# stand in for the server's.
check_apache() {
  local box="$work/apache" modules=/usr/lib/apache2/modules name
  mkdir -p "$box"
  {
    printf 'ServerName localhost\nServerRoot %s\n' "$box"
    printf 'PidFile %s/pid\nErrorLog %s/error.log\n' "$box" "$box"
    for name in mpm_event authn_core authz_core socache_shmcb ssl wsgi; do
      printf 'LoadModule %s_module %s/mod_%s.so\n' "$name" "$modules" "$name"
    done
    printf 'LogFormat "%%h" combined\n'
    sed -e "s|/opt/ssl-certs|$certificates|g" -e "s|/var/log/httpd|$box|g" \
      -e "s/user=keystone group=keystone/user=nobody group=nogroup/" "$1"
  } > "$box/apache.conf"
  apache2 -t -f "$box/apache.conf"
}

# RabbitMQ's own schemas, without a broker. They too look for the certificate files.
check_rabbitmq() {
  local plugins here="$work/rabbitmq.conf"
  plugins="$(echo /usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins)"
  sed "s|/opt/ssl-certs|$certificates|g" "$1" > "$here"
  ERL_LIBS="$plugins" erl -noshell -eval '
    [File, Plugins] = init:get_plain_arguments(),
    Schemas = filelib:wildcard(Plugins ++ "/*/priv/schema/*.schema"),
    application:load(cuttlefish),
    Result = case cuttlefish_conf:file(File) of
      {errorlist, Errors} -> {error, Errors};
      Conf -> cuttlefish_generator:map(cuttlefish_schema:files(Schemas), Conf)
    end,
    case Result of
      {error, Phase, {errorlist, Found}} -> io:format("~p: ~p~n", [Phase, Found]), halt(1);
      {error, Other} -> io:format("~p~n", [Other]), halt(1);
      _ -> halt(0)
    end.' -extra "$here" "$plugins"
}

start_mariadb() {
  local box="$work/mariadb"
  mkdir -p "$box"
  [ "$(id -u)" != 0 ] || chown mysql "$box" "$work"
  local user
  user="$(id -un)"
  [ "$user" != root ] || user=mysql
  mariadb-install-db --no-defaults --auth-root-authentication-method=normal --user="$user" \
    --datadir="$box/data" > "$box/install.log" 2>&1
  mariadbd --no-defaults --user="$user" --datadir="$box/data" --skip-networking \
    --socket="$box/socket" --pid-file="$box/pid" > "$box/server.log" 2>&1 &
  mariadb_pid=$!
  for _ in $(seq 100); do
    # A fresh MariaDB has an anonymous local user, which would stand before 'keystone'@'%'; RDS has none.
    mariadb --no-defaults --socket="$box/socket" -u root >/dev/null 2>&1 \
      -e "DROP USER IF EXISTS ''@'localhost'; DROP USER IF EXISTS ''@'$(hostname)'" && return 0
    sleep 0.1
  done
  return 1
}

# Runs the schema twice (it has to be safe to run again) and signs in as both users.
check_sql() {
  local sql="$work/filled.sql" pair
  sed -E 's/@[A-Z_]+@/Sample123/g' "$1" > "$sql"
  for _ in 1 2; do
    mariadb --no-defaults --socket="$work/mariadb/socket" -u root < "$sql" || return 1
  done
  for pair in keystone:keystone cso_user:cso_portal; do
    mariadb --no-defaults --socket="$work/mariadb/socket" -u "${pair%%:*}" -pSample123 \
      -e "CREATE TABLE t (i INT); DROP TABLE t" "${pair#*:}" || return 1
  done
}

check_keystone() {
  oslo-config-validator --namespace keystone --namespace oslo.messaging --namespace oslo.db \
    --namespace oslo.log --input-file "$1"
}

check_settings() { shellcheck -e SC2034 -s bash "$1"; } # every variable is for other files
check_shell() { shellcheck -x -P "$root/templates/scripts" -s bash "$1"; }
check_json() { python3 -m json.tool "$1"; }
check_python() { python3 - "$1" <<<'import ast, sys; ast.parse(open(sys.argv[1]).read())'; }
check_unit() {
  local unit="$work/units/cso-check@.service"
  mkdir -p "$work/units"
  # Users and programs of the unit exist on the server only.
  sed -e '/^User=/d' -e 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$1" > "$unit"
  ! systemd-analyze verify "${unit%@.service}@x.service" 2>&1 | grep -F "$unit"
}

# each PROGRAM LABEL GLOB SED CHECK: one judge for the rendered files that GLOB names.
each() {
  local program="$1" label="$2" glob="$3" mistake="$4" check="$5" file broken
  have "$program" || { report skip "$label: $program is not installed"; return 0; }
  while IFS= read -r file; do
    broken="$(spoil "$file" "$mistake")" || { failed=1; continue; }
    judge "$label ${file#"$tree/"}" "$file" "$broken" "$check"
  done < <(find "$tree" -path "$tree/$glob" -type f | sort)
}

examine() { # environment
  tree="$work/$1"
  certificates="$tree/ssl-certs"
  echo "== $1"
  CSORUN_LUA="${CSORUN_LUA:-$root/lua}" "$lua" "$root/tools/judge/render.lua" "$root" "$1" "$tree" \
    "$work/sample.crt" "$work/sample.key"
  each nginx nginx "etc/*/nginx.conf" 's/return 200/retrun 200/' check_nginx
  each apache2 apache "etc/*/keystone-vhost.conf" 's/SSLEngine/SSLEngin/' check_apache
  each erl rabbitmq "etc/*/rabbitmq.conf" 's/^listeners.tcp/listeners.tpc/' check_rabbitmq
  each oslo-config-validator keystone "etc/keystone.conf" 's/^expiration/expirration/' check_keystone
  each shellcheck user-data "user-data/*" 's/"$1"/$1/; s/^set -euo/ser -euo $nowhere/' check_shell
  each shellcheck scripts "scripts/*.sh" '2s/$/\necho $nowhere `pwd`/' check_shell
  each shellcheck settings "etc/cso.env" "s/^CSO_ZONE=/CSO_ZONE='/" check_settings
  each python3 agent "parameters/*.json" 's/\]/)/' check_json
  each python3 admin-page "scripts/jump-admin/app.py" 's/^def /dfe /' check_python
  each systemd-analyze units "scripts/*.service" 's/^Restart=/Restrat=/' check_unit
  if have mariadbd && have mariadb-install-db; then
    if [ -z "${mariadb_pid:-}" ]; then
      start_mariadb || { report FAIL "mariadb does not start"; cat "$work/mariadb"/*.log; failed=1; return; }
    fi
    each mariadb sql "etc/schema.sql" 's/GRANT ALL/GRNAT ALL/' check_sql
  else
    report skip "sql: mariadb is not installed"
  fi
}

[ $# -gt 0 ] || set -- dev prod-ha
cd "$root"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=sample" \
  -keyout "$work/sample.key" -out "$work/sample.crt" 2>/dev/null
for environment in "$@"; do examine "$environment"; done
if [ -n "${mariadb_pid:-}" ]; then
  kill "$mariadb_pid"
  wait "$mariadb_pid" || true
fi
exit "$failed"
