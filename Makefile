# Two commands matter: `make demo` and `make test`. `make help` lists the others.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo run test check fmt lint docs bench cases sabotage snapshots postgres schemathesis screenshots

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## Build, play the demonstration in data/demo, serve it (ARGS=--no-serve stops after the proof)
	cargo run --release --locked --bin encommun -- demo --data-dir data/demo $(ARGS)

run: ## Serve your own database, unoptimised build (ARGS=… for the options of `encommun serve`)
	cargo run --locked --bin encommun -- serve $(ARGS)

test: ## Everything, on SQLite and PostgreSQL; installs what it needs when it may
	scripts/test.sh $(ARGS)

check: ## Quick verdict before a commit: formatting, clippy, tests on SQLite (ARGS=… filters them)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo test --workspace --locked -- $(ARGS)

fmt: ## Format the code
	cargo fmt --all

lint: ## Clippy, and cargo-deny and shellcheck where they are installed
	cargo clippy --workspace --all-targets --locked -- -D warnings
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --locked check licenses bans sources; \
	  else echo "cargo-deny is not installed: licences and sources were not checked"; fi
	@if command -v shellcheck >/dev/null; then shellcheck scripts/*.sh .ci/run; \
	  else echo "shellcheck is not installed: scripts were not checked"; fi

docs: ## Documentation of the code, broken links denied
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked

bench: ## How the big sums grow with the number of members; compare the rows, not the times
	cargo bench --locked -p domain --bench figures

cases: ## Prove every clause on random invoices (CASES=10000000; FROM=… goes on from a case)
	CASES=$(or $(CASES),10000000) FROM=$(FROM) \
	  CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true \
	  cargo test --release --locked -p domain --test many_cases -- --nocapture

sabotage: ## Break the engine on purpose in the usual ways, list the tests that notice
	scripts/sabotage.py $(ARGS)

snapshots: ## Accept what pages, JSON and diagrams have become, then show what changed
	INSTA_UPDATE=always cargo test --workspace --locked -- $(ARGS) || true
	git status --short

postgres: ## A private PostgreSQL until Ctrl-C; prints its URL
	scripts/postgres.sh run

schemathesis: ## Thousands of generated requests against the API, on a fresh demonstration
	scripts/schemathesis.sh $(ARGS)

screenshots: ## Pictures of the main pages into docs/screenshots
	scripts/screenshots.sh $(ARGS)
