# `make run` and `make test` set up what they need on a fresh Debian with Rust, Node 20 and make.

NODE_MODULES = web/node_modules/.package-lock.json
TEST_MODULES = tests/js/node_modules/.package-lock.json
DIST = web/dist/index.html
WEB_SOURCES = $(shell find web/src web/vite web/index.html web/vite.config.ts -type f 2>/dev/null)
RUST_SOURCES = $(shell find src build.rs Cargo.toml Cargo.lock -type f 2>/dev/null)
BINARY = target/release/cowrite
LOAD = benches/load
HOT = benches/hot

# Not `npm ci`: it insists on the optional packages of every platform, and not every registry carries all of them. The
# lock files decide the versions all the same.
NPM_INSTALL = npm install --no-save --no-audit --no-fund

# How long each fuzz target runs.
FUZZ_SECONDS = 60

.PHONY: run build test check fix soak fuzz bench bench-load bench-hot bench-browser bench-lighthouse bench-peers pictures clean chromium

## Build everything and serve on http://127.0.0.1:8080 with the documents in ./data
run: build
	$(BINARY) serve

## target/release/cowrite, with the web app inside
build: $(BINARY)

$(BINARY): $(DIST) $(RUST_SOURCES)
	cargo build --release --locked

$(DIST): $(NODE_MODULES) $(WEB_SOURCES)
	npm --prefix web run build

$(NODE_MODULES): web/package.json web/package-lock.json
	$(NPM_INSTALL) --prefix web
	@touch $@

$(TEST_MODULES): tests/js/package.json tests/js/package-lock.json
	$(NPM_INSTALL) --prefix tests/js
	@touch $@

# One build of everything serves all of it, the one with assertions and overflow checks; `make soak` and `make bench` take the release.
## Everything: the quick checks, the promises against the real server, stock clients, real browsers
test: check $(TEST_MODULES) chromium
	cargo test --locked --test it --bins --examples
	cargo test --locked --doc
	COWRITE_BIN=target/debug/cowrite npm --prefix tests/js test

## The quick loop: formatting, lints, types, unit tests
check: $(DIST)
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked --lib
	npm --prefix web run check
	npm --prefix web test

## What is too long for `make test`; some of it with STAGES="kills load". Hours, most of them for load and kills
soak: build $(TEST_MODULES)
	tests/soak.sh $(STAGES)

## Each fuzzer for FUZZ_SECONDS, from the bytes that real Yjs wrote. Wants cargo-fuzz: cargo install cargo-fuzz
fuzz:
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	node fuzz/seeds.mjs
	for target in frames guard awareness; do \
		RUSTC_BOOTSTRAP=1 cargo fuzz run -O --sanitizer none $$target -- -max_total_time=$(FUZZ_SECONDS) || exit 1; \
	done

## What Cowrite costs, side by side with relays and with the peers that `make bench-peers` has installed: docs/performance.md
bench: bench-load bench-hot bench-browser bench-lighthouse

# Rows, servers and runs are chosen with LOAD_ARGUMENTS, such as "--rows fanout,paced --runs 1"; --help names them all.
bench-load: build
	cargo build --release --locked --manifest-path $(LOAD)/Cargo.toml
	$(LOAD)/target/release/load $(LOAD_ARGUMENTS)

# The steps of an update's way, one by one: their time, and their instructions beside the last figures (which wants valgrind).
bench-hot:
	cargo bench --locked --manifest-path $(HOT)/Cargo.toml
	cargo run --release --locked --manifest-path $(HOT)/Cargo.toml --bin instructions

# Rounds and rows are chosen with BROWSER_ARGUMENTS, such as "--rounds 1 --rows typing".
## What opening and typing cost in a real Chromium, in documents from empty to 182,000 fragments
bench-browser: build $(TEST_MODULES) chromium
	npm --prefix tests/js run bench -- $(BROWSER_ARGUMENTS)

## What Lighthouse says of the app on a phone
bench-lighthouse: build $(TEST_MODULES) tests/js/lighthouse/node_modules/.package-lock.json chromium
	npm --prefix tests/js/lighthouse run bench

tests/js/lighthouse/node_modules/.package-lock.json: tests/js/lighthouse/package.json tests/js/lighthouse/package-lock.json
	$(NPM_INSTALL) --prefix tests/js/lighthouse
	@touch $@

## The servers that Cowrite is compared with, at the versions written down here and in the lock file
bench-peers: $(LOAD)/peers/node_modules/.package-lock.json $(LOAD)/peers/bin/y-sweet

$(LOAD)/peers/node_modules/.package-lock.json: $(LOAD)/peers/package.json $(LOAD)/peers/package-lock.json
	$(NPM_INSTALL) --prefix $(LOAD)/peers
	@touch $@

$(LOAD)/peers/bin/y-sweet:
	cargo install --locked --root $(LOAD)/peers y-sweet@0.9.1

## The pictures of the README, taken from the real app
pictures: build $(TEST_MODULES) chromium
	npm --prefix tests/js run pictures

## Put everything into house style
fix:
	cargo fmt
	npm --prefix web run fix

chromium:
	@command -v chromium >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fonts-noto-color-emoji >/dev/null; \
	else \
		echo "The browser tests need Chromium, and installing it needs root: apt-get install chromium" >&2; exit 1; \
	fi

clean:
	cargo clean
	rm -rf web/dist web/node_modules tests/js/node_modules
