#!/usr/bin/env bash
# Thousands of generated requests against /api/openapi.json, on a fresh demonstration database:
# no answer 5xx, none that the description does not announce. Fails under 2 000 cases.
#
#   scripts/schemathesis.sh [OPTIONS OF st run …]     e.g. --include-path-regex rounds --max-examples 20
#
# Needs python3 with venv, and a package index for the first run. Seeded: the same code gives the same requests.
# ENCOMMUN (path of a binary) spares the build; SCHEMATHESIS_MIN (default 2000) is the least number of cases.
set -euo pipefail
cd "$(dirname "$0")/.."

version=4.32.5
least=${SCHEMATHESIS_MIN:-2000}
target=${CARGO_TARGET_DIR:-target}
venv=$target/schemathesis-$version
report=$target/schemathesis-report
persona=achats@demo.example

say() { printf '%s\n' "$*" >&2; }
fail() { say "schemathesis.sh: $*"; exit 1; }

prepare_tool() {
  [ -x "$venv/bin/st" ] && return
  command -v python3 >/dev/null || fail "python3 was not found: apt-get install python3-venv"
  python3 -m venv "$venv" || fail "python3 cannot make a virtual environment: apt-get install python3-venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version" \
    || { rm -rf "$venv"; fail "schemathesis $version could not be installed"; }
}

prepare_binary() {
  if [ -z "${ENCOMMUN:-}" ]; then
    cargo build --release --locked --bin encommun
    ENCOMMUN=$target/release/encommun
  fi
  [ -x "$ENCOMMUN" ] || fail "$ENCOMMUN is not a program"
}

pick_port() {
  local port
  for _ in $(seq 50); do
    port=$((32000 + RANDOM % 700))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port"; return; fi
  done
  fail "no free port"
}

clean_up() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$data"
}

serve() {
  "$ENCOMMUN" demo --no-serve --data-dir "$data" >"$data/demo.log" 2>&1 \
    || { cat "$data/demo.log" >&2; fail "the demonstration could not be played"; }
  token=$(ENCOMMUN__DATABASE__DATA_DIR="$data" "$ENCOMMUN" user token --email "$persona" --name schemathesis)
  ENCOMMUN__DATABASE__DATA_DIR="$data" ENCOMMUN__HTTP__LISTEN="127.0.0.1:$port" ENCOMMUN__HTTP__PUBLIC_URL="http://127.0.0.1:$port" \
    "$ENCOMMUN" serve >"$data/serve.log" 2>&1 &
  server=$!
}

server=''
data=$(mktemp -d)
trap clean_up EXIT
trap 'exit 130' INT TERM

prepare_tool
prepare_binary
port=$(pick_port)
serve
mkdir -p "$report"
rm -f "$report/run.json"

status=0
"$venv/bin/st" --config-file scripts/schemathesis.toml run "http://127.0.0.1:$port/api/openapi.json" \
  --wait-for-schema 30 --header "Authorization: Bearer $token" \
  --checks all --mode all --max-examples 60 --continue-on-failure --workers 2 \
  --seed 20261121 --generation-database none --request-timeout 20 \
  --report json --report-dir "$report" --report-json-path "$report/run.json" "$@" || status=$?

cases=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["test_cases"]["generated"])' "$report/run.json")
say "Schemathesis: $cases cases, least wanted $least, exit $status"
if ! kill -0 "$server" 2>/dev/null; then tail -50 "$data/serve.log" >&2; fail "the server died"; fi
if [ "$status" -ne 0 ]; then tail -20 "$data/serve.log" >&2; exit "$status"; fi
[ "$cases" -ge "$least" ] || fail "too few cases"
