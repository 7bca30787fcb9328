#!/usr/bin/env bash
# A private, throw-away PostgreSQL cluster for tests and for trying things out.
#
#   scripts/postgres.sh run [COMMAND …]   start, run COMMAND with TEST_DATABASE_URL set, stop and delete
#                                         (without COMMAND: print the URL and wait for Ctrl-C)
#   scripts/postgres.sh start [DIR]       start in DIR (default: a new temporary folder), print
#                                         TEST_DATABASE_URL='…' and TEST_DATABASE_DIR='…', ready for eval
#   scripts/postgres.sh stop DIR          stop the cluster of DIR and delete DIR
#   scripts/postgres.sh find              print the folder of the server binaries, or fail saying how to get them
#
# It never touches a cluster of the machine: own folder, own free port on 127.0.0.1, own socket folder.
# PostgreSQL refuses to run as root, so root hands it to the user `postgres` (or `nobody`).
# Nothing here is durable (fsync is off): it is for data that may be lost.
set -euo pipefail

marker=encommun-throw-away-cluster
oldest_major=15

say() { printf '%s\n' "$*" >&2; }
fail() { say "postgres.sh: $*"; exit 1; }

# Debian keeps the server binaries out of PATH, one folder per major version: the newest wins.
find_binaries() {
  local folder major
  while IFS= read -r folder; do
    if ! { [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ]; }; then continue; fi
    major=$("$folder/postgres" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')
    [ "$major" -ge "$oldest_major" ] || continue
    printf '%s\n' "$folder"
    return 0
  done < <(
    [ -n "${PG_BIN:-}" ] && printf '%s\n' "$PG_BIN"
    # shellcheck disable=SC2012  # names are version numbers, and ls -v sorts them
    ls -dv1r /usr/lib/postgresql/*/bin /usr/local/pgsql/bin 2>/dev/null || true
    dirname "$(command -v initdb || echo /nowhere/initdb)"
  )
  say "PostgreSQL $oldest_major or later (the server: initdb, pg_ctl, postgres) was not found."
  say "  On Debian or Ubuntu:  apt-get install postgresql"
  say "  Elsewhere: install the server package, or set PG_BIN to the folder that holds initdb."
  return 1
}

# The user that owns the cluster: ourselves, unless we are root.
find_owner() {
  if [ "$(id -u)" -ne 0 ]; then id -un
  elif id -u postgres >/dev/null 2>&1; then echo postgres
  elif id -u nobody >/dev/null 2>&1; then echo nobody
  else fail "PostgreSQL refuses to run as root and there is no user postgres or nobody: create one, or run as another user."
  fi
}

as_owner() {
  if [ "$(id -u)" -ne 0 ]; then "$@"
  elif command -v setpriv >/dev/null; then
    # From / because the owner may not be allowed into the current folder.
    (cd / && HOME=/nonexistent setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups "$@")
  elif command -v runuser >/dev/null; then
    (cd / && runuser -u "$owner" -- "$@")
  else fail "setpriv or runuser (package util-linux) is needed to leave root."
  fi
}

pick_port() {
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port"; return; fi
  done
  fail "no free port between 20000 and 32000"
}

# French collation where the server has ICU: a test that leans on the order of bytes is then found out,
# since a real server in a French mairie would not sort like that either.
make_cluster() {
  local folder=$1 common
  common=(--pgdata="$folder/data" --username=encommun --auth=trust --encoding=UTF8 --no-sync)
  if as_owner "$bin/initdb" "${common[@]}" --locale=C --locale-provider=icu --icu-locale=fr-FR \
    >"$folder/initdb.log" 2>&1; then return; fi
  say "postgres.sh: this server has no French ICU collation, using the order of bytes"
  as_owner rm -rf "$folder/data"
  as_owner "$bin/initdb" "${common[@]}" --no-locale >"$folder/initdb.log" 2>&1 && return
  cat "$folder/initdb.log" >&2
  fail "initdb failed"
}

launch() {
  local folder=$1 port attempt
  for attempt in 1 2 3 4 5; do
    port=$(pick_port)
    if as_owner "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/server.log" --silent --wait --timeout=60 \
      --options="-p $port -k '$folder/socket' -c listen_addresses=127.0.0.1 -c max_connections=300 \
        -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off" \
      start >"$folder/pg_ctl.log" 2>&1; then
      echo "$port" >"$folder/port"
      return
    fi
    say "postgres.sh: start attempt $attempt failed on port $port"
  done
  cat "$folder/server.log" >&2 || true
  fail "the server does not start"
}

start() {
  bin=$(find_binaries)
  owner=$(find_owner)
  if [ $# -gt 0 ]; then
    if [ -d "$1" ] && [ -n "$(ls -A "$1")" ]; then fail "$1 is not empty"; fi
    mkdir -p "$1"
    cluster=$(cd "$1" && pwd)
  else
    # Not under TMPDIR: the path of a unix socket holds in 107 bytes.
    cluster=$(mktemp -d /tmp/encommun-pg.XXXXXX)
  fi
  touch "$cluster/$marker"
  mkdir -p "$cluster/socket"
  if [ "$(id -u)" -eq 0 ]; then chown -R "$owner" "$cluster"; fi
  chmod 700 "$cluster"
  make_cluster "$cluster"
  launch "$cluster"
  url="postgres://encommun@127.0.0.1:$(cat "$cluster/port")/postgres"
}

stop() {
  local folder=${1:?"stop needs the folder that start printed"}
  [ -e "$folder/$marker" ] || fail "$folder is not a cluster that this script made"
  bin=$(find_binaries)
  owner=$(find_owner)
  if [ -e "$folder/data/postmaster.pid" ]; then
    as_owner "$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate --silent --wait stop >/dev/null 2>&1 || true
  fi
  rm -rf "$folder"
}

# A COMMAND is run with the cluster around it; whatever happens to it, the cluster goes away.
run() {
  cluster=''
  trap '[ -z "$cluster" ] || stop "$cluster"' EXIT
  trap 'exit 130' INT TERM
  start
  export TEST_DATABASE_URL=$url
  if [ $# -eq 0 ]; then
    say "TEST_DATABASE_URL=$url"
    say "Ctrl-C stops the cluster and deletes it."
    while :; do sleep 3600 & wait $!; done
  fi
  "$@"
}

case ${1:-} in
  run) shift; run "$@" ;;
  start)
    shift
    cluster='' url=''
    trap '[ -n "$url" ] || [ -z "$cluster" ] || stop "$cluster"' EXIT
    start "$@"
    printf "TEST_DATABASE_URL='%s'\nTEST_DATABASE_DIR='%s'\n" "$url" "$cluster"
    ;;
  stop) shift; stop "$@" ;;
  find) find_binaries ;;
  *) sed -n '2,/^set/p' "$0" | sed -n 's/^# \{0,1\}//p' >&2; exit 2 ;;
esac
