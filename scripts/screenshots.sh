#!/usr/bin/env bash
# Pictures of the main pages, for people who look (README, reviews): docs/screenshots by default.
#
#   scripts/screenshots.sh [DIR [OPTIONS and PAGES of screenshots.py …]]
#
# Plays a fresh demonstration in a temporary folder, serves it, enters as its people, photographs. With PAGES, say who
# enters: --visit /connexion --click 'button[aria-label="Entrer comme Service achats"]'.
# ENCOMMUN (path of a binary) spares the build.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-docs/screenshots}
[ $# -eq 0 ] || shift
target=${CARGO_TARGET_DIR:-target}

fail() { printf 'screenshots.sh: %s\n' "$*" >&2; exit 1; }

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

wait_for_server() {
  for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
    kill -0 "$server" 2>/dev/null || { cat "$data/serve.log" >&2; fail "the server died"; }
    sleep 0.2
  done
  fail "the server does not answer"
}

server=''
data=$(mktemp -d)
trap clean_up EXIT
trap 'exit 130' INT TERM

if [ -z "${ENCOMMUN:-}" ]; then
  cargo build --release --locked --bin encommun
  ENCOMMUN=$target/release/encommun
fi
port=$(pick_port)
"$ENCOMMUN" demo --no-serve --data-dir "$data" >"$data/demo.log" 2>&1 \
  || { cat "$data/demo.log" >&2; fail "the demonstration could not be played"; }
ENCOMMUN__DATABASE__DATA_DIR="$data" ENCOMMUN__HTTP__LISTEN="127.0.0.1:$port" ENCOMMUN__HTTP__PUBLIC_URL="http://127.0.0.1:$port" \
    "$ENCOMMUN" serve >"$data/serve.log" 2>&1 &
server=$!
wait_for_server

photograph() { scripts/screenshots.py --base "http://127.0.0.1:$port" --out "$out" "$@"; }
as() { printf '%s' "button[aria-label^=\"Entrer comme $1\"]"; }

if [ $# -gt 0 ]; then photograph "$@"; exit; fi
split='/factures?q=F-26>>.table th a>>a[href$="/repartition"]'
photograph --visit /connexion --click "$(as 'Service achats')" --widths 1366 --themes light \
  accueil=/ \
  'campagne=/>>.progress:last-child a' \
  "repartition=$split>>.table--shares tbody tr:nth-child(3) .why" \
  "decompte=$split>>.table--shares td a[href^=\"/decomptes/\"]"
photograph --visit /connexion --click "$(as 'Mairie de Sequedin')" --widths 1366 --themes light \
  'besoins=/>>.todo a'
