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

new_token() {
  ENCOMMUN__DATABASE__DATA_DIR="$data" "$ENCOMMUN" user token --email "$persona" --name "$1"
}

# attack NAME TOKEN [OPTIONS OF st run …]: leaves $report/NAME.json.
attack() {
  local name=$1 bearer=$2
  shift 2
  # One worker: with several, Python’s own parser fails now and then, which ends the run. A slow
  # machine is no failure either.
  "$venv/bin/st" --config-file scripts/schemathesis.toml run "http://127.0.0.1:$port/api/openapi.json" \
    --wait-for-schema 30 --header "Authorization: Bearer $bearer" \
    --checks all --mode all --continue-on-failure --workers 1 \
    --suppress-health-check too_slow \
    --seed 20261121 --generation-database none --request-timeout 20 \
    --report json --report-dir "$report" --report-json-path "$report/$name.json" "$@"
}

serve() {
  "$ENCOMMUN" demo --no-serve --data-dir "$data" >"$data/demo.log" 2>&1 \
    || { cat "$data/demo.log" >&2; fail "the demonstration could not be played"; }
  token=$(new_token schemathesis)
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
rm -f "$report"/*.json

# What takes rights away comes last, with a token of its own: it would revoke the one in use, and
# everything after it would answer 401. So does what only the operator may do: to this persona it
# is forbidden whatever the request, which is no sign of a dead token.
status=0
attack most "$token" --max-examples 30 \
  --exclude-operation-id revoke_token --exclude-operation-id set_roles \
  --exclude-operation-id ask_audit "$@" || status=$?
attack last "$(new_token last)" --max-examples 40 --warnings off \
  --include-operation-id revoke_token --include-operation-id set_roles \
  --include-operation-id ask_audit || status=$?

cases=$(python3 -c 'import json, sys; print(sum(json.load(open(path))["test_cases"]["generated"] for path in sys.argv[1:]))' \
  "$report/most.json" "$report/last.json")
say "Schemathesis: $cases cases, least wanted $least, exit $status"
if ! kill -0 "$server" 2>/dev/null; then tail -50 "$data/serve.log" >&2; fail "the server died"; fi
if [ "$status" -ne 0 ]; then tail -20 "$data/serve.log" >&2; exit "$status"; fi
[ "$cases" -ge "$least" ] || fail "too few cases"
