# `make` or `make help` lists what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Where Python tools and build results go. CI points both at a cache outside the clone.
export TRAILMETER_VENV ?= $(CURDIR)/.venv
export CARGO_TARGET_DIR ?= $(CURDIR)/target
BIN := $(TRAILMETER_VENV)/bin
LAMBDA := $(CARGO_TARGET_DIR)/lambda
FUNCTIONS := $(notdir $(wildcard functions/*))
# The local cloud runs the function on this machine, whatever it is deployed to.
HERE := $(if $(filter arm64 aarch64,$(shell uname -m)),--arm64,--x86-64)
# What `make package` is for: the processor that the template deploys to by default, or x86_64.
ARCH ?= arm64
PACKAGED := $(CARGO_TARGET_DIR)/lambda-$(ARCH)
export TRAILMETER_FUNCTIONS := $(LAMBDA)
export TRAILMETER_CLI := $(CARGO_TARGET_DIR)/debug/trailmeter
export TRAILMETER_GENERATE := $(CARGO_TARGET_DIR)/debug/generate
# What the list of components is written for: the processor that the template deploys to by default.
TARGET ?= aarch64-unknown-linux-gnu
EVENT ?= events/s3-sqs.json
SECONDS_EACH ?= 300
DELIVERIES ?= 20000
KILLS ?= 0

# What the functions are made of: cargo-lambda is asked only if any of it changed.
SOURCES := $(shell find functions shared detectors -type f) Cargo.toml Cargo.lock rust-toolchain.toml

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  %-18s %s\n", $$1, $$2 }'

.PHONY: setup
setup: $(BIN)/.tools ## Install the pinned Python tools into .venv

$(BIN)/.tools: tools/requirements.txt
	python3 -m venv $(TRAILMETER_VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tools/requirements.txt
	touch $@

$(BIN)/.sam: tools/requirements-sam.txt
	python3 -m venv $(TRAILMETER_VENV)/sam
	$(TRAILMETER_VENV)/sam/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tools/requirements-sam.txt
	mkdir -p $(BIN) && touch $@

# By itself: it pins other versions of what the others need, and nothing but `make check` asks for it.
$(BIN)/.checkov: tools/requirements-checkov.txt
	python3 -m venv $(TRAILMETER_VENV)/checkov
	$(TRAILMETER_VENV)/checkov/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tools/requirements-checkov.txt
	mkdir -p $(BIN) && touch $@

# By itself, for the same reason. Only tests ask for it: what it prints, `trailmeter verify` prints.
$(BIN)/.awscli: tools/requirements-awscli.txt
	python3 -m venv $(TRAILMETER_VENV)/awscli
	$(TRAILMETER_VENV)/awscli/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tools/requirements-awscli.txt
	mkdir -p $(BIN) && touch $@

.PHONY: build
build: $(FUNCTIONS:%=$(LAMBDA)/%/bootstrap.zip) ## Build the Lambda binaries with cargo-lambda

# Each by itself: built together, one would have the other's features in it.
$(LAMBDA)/%/bootstrap.zip: $(BIN)/.tools $(SOURCES)
	PATH="$(BIN):$$PATH" cargo lambda build --locked --release $(HERE) --package $*
	rm -f $@ && cd $(LAMBDA)/$* && $(BIN)/python -m zipfile -c bootstrap.zip bootstrap

.PHONY: package
package: $(FUNCTIONS:%=$(PACKAGED)/%/bootstrap) ## Write what deploys without Rust to target/package, for ARCH=arm64
	$(BIN)/python tools/package.py --arch $(ARCH) --built $(PACKAGED) --out $(CARGO_TARGET_DIR)/package

# In a folder of its own: what is built for this machine stays what the tests run.
$(PACKAGED)/%/bootstrap: $(BIN)/.tools $(SOURCES)
	PATH="$(BIN):$$PATH" cargo lambda build --locked --release --$(subst _,-,$(ARCH)) --package $* --lambda-dir $(PACKAGED)

.PHONY: samconfig
samconfig: $(BIN)/.tools ## Write answers for sam deploy into samconfig.toml: asks, or takes PARAMETER=VALUE, ENV=default
	@$(BIN)/python tools/samconfig.py

.PHONY: demo
demo: build ## Run the main job on the embedded local cloud
	cargo build --locked --quiet --package trailmeter
	cargo run --locked --quiet --package trailmeter-demo --bin demo -- --functions $(LAMBDA) \
	  --trailmeter $(TRAILMETER_CLI) --folder $(CARGO_TARGET_DIR)/demo

.PHONY: soak
soak: build ## Run DELIVERIES=20000 deliveries through the local cloud, ending the function KILLS=0 times
	cargo run --locked --quiet --package trailmeter-demo --bin soak -- --functions $(LAMBDA) \
	  --deliveries $(DELIVERIES) --kills $(KILLS)

.PHONY: test
test: build $(BIN)/.awscli ## Run all tests: unit, table, property, template, end to end
	cargo build --locked --quiet --package trailmeter
	$(BIN)/python -m pytest -q tests/template tests/queries
	cargo test --locked --workspace
	$(MAKE) --no-print-directory report-test

.PHONY: report-build
report-build:
	cargo build --locked --quiet --package trailmeter --package trailmeter-testkit

.PHONY: report-test
report-test: report-build ## Test the page of `trailmeter report` in a real Chromium, which is fetched if there is none
	tests/report/run test

.PHONY: report-screenshot
report-screenshot: report-build ## Take the picture in docs/report.md anew
	tests/report/run screenshot $(CURDIR)/docs/report.png

.PHONY: check
check: setup $(BIN)/.sam $(BIN)/.checkov ## Check format, lints, boundaries, detectors and the template, as CI does
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo clippy --locked --package trailmeter-bench --features function -- -D warnings
	cargo xtask boundaries
	cargo xtask alarms --check
	cargo xtask queries --check
	cargo xtask docs --check
	cargo run --locked --quiet --package trailmeter -- check --deny-warnings
	$(BIN)/cfn-lint template.yaml
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none \
	  $(TRAILMETER_VENV)/sam/bin/sam validate --lint --template template.yaml
	$(TRAILMETER_VENV)/checkov/bin/checkov --config-file .checkov.yaml

.PHONY: deny
deny: ## Check licences, bans and sources of all dependencies (needs cargo-deny)
	cargo deny check bans licenses sources

.PHONY: sbom
sbom: ## Write what the function is made of, in CycloneDX, to target/sbom (needs cargo-cyclonedx)
	cargo cyclonedx --manifest-path functions/detect/Cargo.toml --format json --spec-version 1.5 --no-build-deps \
	  --target $(TARGET) --override-filename cyclonedx-part
	mkdir -p $(CARGO_TARGET_DIR)/sbom && mv functions/detect/cyclonedx-part.json $(CARGO_TARGET_DIR)/sbom/detect.cdx.json
	rm -f */cyclonedx-part.json */*/cyclonedx-part.json  # it writes one for each package
	cargo tree --locked --package detect --edges normal --target $(TARGET) --prefix none --format '{p}' \
	  | python3 tools/sbom.py $(CARGO_TARGET_DIR)/sbom/detect.cdx.json

.PHONY: alarms
alarms: ## Write alarms and dashboards from detectors/ into template.yaml
	cargo xtask alarms

.PHONY: queries
queries: ## Write the saved queries from queries/ into template.yaml
	cargo xtask queries

.PHONY: docs
docs: ## Write the generated pages of docs/ from the code
	cargo xtask docs

.PHONY: faults
faults: build ## Write docs/faults.md from what the fault tests see
	TRAILMETER_WRITE_DOCS=1 cargo test --locked --package trailmeter-tests --test trailmeter -- --nocapture faults::

.PHONY: invoke
invoke: build ## Run the function on one event, EVENT=events/….json, against the local cloud
	cargo run --locked --quiet --package trailmeter-demo --bin invoke -- --function $(LAMBDA)/detect/bootstrap $(EVENT)

.PHONY: fuzz
fuzz: ## Fuzz what comes from outside, each target for SECONDS_EACH=300
	fuzz/run $(SECONDS_EACH) fuzz/corpus

.PHONY: fuzz-smoke
fuzz-smoke: ## Fuzz each target for 10 seconds from the seeds alone, as CI does
	learned=$$(mktemp -d) && trap 'rm -rf "$$learned"' EXIT && fuzz/run 10 "$$learned"

# The programs that are measured, each built by itself as it is shipped: built together they would share features.
.PHONY: bench-build
bench-build:
	cargo build --locked --release --package trailmeter
	cargo build --locked --release --package detect
	cargo build --locked --release --package trailmeter-bench --features function

# SigmaHQ's rules for CloudTrail, where they are at hand: measured beside all packs.
SIGMA ?= $(wildcard ../shared/data/suites/sigma/rules)
BENCH = $(CARGO_TARGET_DIR)/release/bench
BENCH_ARGS = --folder $(CARGO_TARGET_DIR)/bench $(if $(SIGMA),--sigma $(SIGMA)) $(if $(ROUNDS),--rounds $(ROUNDS))

.PHONY: bench
bench: bench-build ## Measure everything into docs/performance.md, peers too but PEERS_WITHOUT=names (20 minutes)
	$(BENCH) run $(BENCH_ARGS) --docs docs $(if $(PEERS_WITHOUT),--peers-without $(PEERS_WITHOUT)) $(if $(ONLY),--only $(ONLY))

.PHONY: bench-quick
bench-quick: bench-build ## Measure a tenth of it, without peers, and write nothing
	$(BENCH) run $(BENCH_ARGS) --part 10 --only ratios,growth

.PHONY: bench-guard
bench-guard: ## Fail if scanning has become much slower beside inflating, as CI does
	cargo build --locked --release --package trailmeter
	cargo build --locked --release --package trailmeter-bench --bin bench --bin inflate-only
	$(BENCH) guard $(BENCH_ARGS)

# Miri has the oldest registers only, unless it is told of others. Those of 512 bits it has not got at all.
WITH_AVX2 := -C target-feature=+avx2,+bmi1,+bmi2,+lzcnt,+popcnt,+pclmulqdq

.PHONY: miri
miri: ## Interpret the scanner's tests, to find what unsafe code does wrong (needs nightly with Miri)
	RUSTFLAGS="$(WITH_AVX2)" cargo +nightly miri test --locked --package trailmeter-logs --lib -- scanner::tests::small

.PHONY: neon
neon: ## Run the tests of shared/logs as arm64 would (needs its cross-compiler and qemu-user-static)
	CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
	CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64-static -L /usr/aarch64-linux-gnu" \
	  cargo test --locked --package trailmeter-logs --lib --target aarch64-unknown-linux-gnu

.PHONY: clean
clean: ## Remove build results and tools
	rm -rf target .venv .aws-sam
