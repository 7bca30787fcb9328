#!/usr/bin/env bash
# Every check, on both engines: what `make test` and .ci/run call.
#
# 1. finds PostgreSQL's server and Chromium, and installs them when it may (root on Debian or Ubuntu);
# 2. formatting, clippy with warnings denied;
# 3. all tests on SQLite (documentation tests included), then the integration tests on PostgreSQL,
#    in a private cluster that lives as long as this script.
# Nothing is skipped in silence: what cannot be had is a failure that says how to get it.
#
# The tests read: TEST_ENGINE (sqlite | postgres), TEST_DATABASE_URL (an administrator of the cluster),
# CHROMIUM and CHROMEDRIVER (paths). Arguments go to both `cargo test` calls, as a filter.
set -euo pipefail
cd "$(dirname "$0")/.."

# A snapshot that differs is a failure here, never a new snapshot.
export INSTA_UPDATE=no INSTA_FORCE_PASS=0

say() { printf '%s\n' "$*" >&2; }
step() { printf '\n== %s\n' "$*"; }
fail() { say "test.sh: $*"; exit 1; }

# First of the given commands that exists, as an absolute path.
find_command() {
  local name
  for name in "$@"; do command -v "$name" 2>/dev/null && return 0; done
  return 1
}

list_missing() {
  scripts/postgres.sh find >/dev/null 2>&1 || echo postgresql
  # fonts-liberation: pages are measured and photographed, so letters must have a shape.
  find_command "${CHROMIUM:-chromium}" chromium-browser google-chrome >/dev/null || echo chromium fonts-liberation
  find_command "${CHROMEDRIVER:-chromedriver}" >/dev/null || echo chromium-driver
}

install_missing() {
  local missing
  missing=$(list_missing | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "These Debian packages, or their equivalents, are needed by the tests: $missing"
    say "  On Debian or Ubuntu:  sudo apt-get install $missing"
    say "  Elsewhere: put chromium and chromedriver in PATH (or set CHROMIUM and CHROMEDRIVER),"
    say "  and PostgreSQL's initdb and pg_ctl in PATH (or set PG_BIN to their folder)."
    exit 1
  fi
  step "Installing what the tests need: $missing"
  apt-get update -qq
  # shellcheck disable=SC2086  # a list of package names
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

check_tools() {
  find_command cargo >/dev/null || fail "cargo was not found: install Rust 1.94 or later"
  find_command cc gcc clang >/dev/null || fail "no C compiler was found (SQLite is compiled from source): apt-get install gcc"
  install_missing
  CHROMIUM=$(find_command "${CHROMIUM:-chromium}" chromium-browser google-chrome) || fail "Chromium is still missing"
  CHROMEDRIVER=$(find_command "${CHROMEDRIVER:-chromedriver}") || fail "chromedriver is still missing"
  export CHROMIUM CHROMEDRIVER
  step "Tools"
  "$(scripts/postgres.sh find)/postgres" --version
  "$CHROMIUM" --version || fail "$CHROMIUM does not start"
  "$CHROMEDRIVER" --version || fail "$CHROMEDRIVER does not start"
}

start_postgres() {
  local answer
  answer=$(scripts/postgres.sh start)
  eval "$answer"
  export TEST_DATABASE_URL
}

clean_up() {
  [ -z "${TEST_DATABASE_DIR:-}" ] || scripts/postgres.sh stop "$TEST_DATABASE_DIR" || true
  [ -z "${logs:-}" ] || rm -rf "$logs"
}

# run_tests LOG COMMAND …: its output goes to the screen and to LOG; never stops the script.
run_tests() {
  local log=$1
  shift
  if "$@" 2>&1 | tee "$log"; then return 0; fi
  failed=yes
}

# Adds up the « test result: » lines of a log: passed, failed, ignored.
count() {
  awk '/^test result:/ { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1); if ($i ~ /^failed/) f += $(i-1); if ($i ~ /^ignored/) g += $(i-1) } }
       END { print p + 0, f + 0, g + 0 }' "$1"
}

report() {
  local engine=$1 log=$2 passed failures ignored
  read -r passed failures ignored < <(count "$log")
  printf '%s: %s passed, %s failed\n' "$engine" "$passed" "$failures"
  if [ "$passed" -eq 0 ] && [ -z "$filter" ]; then say "No test ran on $engine."; failed=yes; fi
  if [ "$ignored" -gt 0 ]; then say "$ignored tests were ignored on $engine: a test runs or does not exist."; failed=yes; fi
}

filter=$*
failed=
TEST_DATABASE_DIR=
logs=$(mktemp -d)
trap clean_up EXIT
trap 'exit 130' INT TERM

check_tools

step "Formatting"
cargo fmt --all --check
step "Clippy, warnings denied"
cargo clippy --workspace --all-targets --locked -- -D warnings

step "Tests on SQLite, documentation tests included"
run_tests "$logs/sqlite" env -u TEST_DATABASE_URL TEST_ENGINE=sqlite \
  cargo test --workspace --locked --no-fail-fast -- "$@"

step "Tests on PostgreSQL"
start_postgres
run_tests "$logs/postgres" env TEST_ENGINE=postgres cargo test --workspace --locked --test it --no-fail-fast -- "$@"

step "How many ran"
report SQLite "$logs/sqlite"
report PostgreSQL "$logs/postgres"
if [ -n "$failed" ]; then fail "not green"; fi
