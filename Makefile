# `make` or `make help` lists what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Where Python tools and build results go. CI points both at a cache outside the clone.
export TRAILMETER_VENV ?= $(CURDIR)/.venv
export CARGO_TARGET_DIR ?= $(CURDIR)/target
BIN := $(TRAILMETER_VENV)/bin
LAMBDA := $(CARGO_TARGET_DIR)/lambda/detect
# The local cloud runs the function on this machine, whatever it is deployed to.
ARCH := $(if $(filter arm64 aarch64,$(shell uname -m)),--arm64,--x86-64)
export TRAILMETER_DETECT := $(LAMBDA)/bootstrap
export TRAILMETER_CLI := $(CARGO_TARGET_DIR)/debug/trailmeter
EVENT ?= events/s3-sqs.json

# What the function is made of: cargo-lambda is asked only if any of it changed.
SOURCES := $(shell find functions shared detectors -type f) Cargo.toml Cargo.lock rust-toolchain.toml

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  %-12s %s\n", $$1, $$2 }'

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

.PHONY: build
build: $(LAMBDA)/bootstrap.zip ## Build the Lambda binary with cargo-lambda

$(LAMBDA)/bootstrap.zip: $(BIN)/.tools $(SOURCES)
	PATH="$(BIN):$$PATH" cargo lambda build --locked --release $(ARCH) --package detect
	rm -f $@ && cd $(LAMBDA) && $(BIN)/python -m zipfile -c bootstrap.zip bootstrap

.PHONY: demo
demo: build ## Run the main job on the embedded local cloud
	cargo run --locked --quiet --package trailmeter-demo --bin demo -- --detect $(LAMBDA)/bootstrap.zip

.PHONY: test
test: build ## Run all tests: unit, table, property, template, end to end
	cargo build --locked --quiet --package trailmeter
	$(BIN)/python -m pytest -q tests/template
	cargo test --locked --workspace

.PHONY: check
check: setup $(BIN)/.sam ## Check format, lints, boundaries, detectors and the template, as CI does
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo xtask boundaries
	cargo xtask alarms --check
	cargo xtask docs --check
	cargo run --locked --quiet --package trailmeter -- check --deny-warnings
	$(BIN)/cfn-lint template.yaml
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none \
	  $(TRAILMETER_VENV)/sam/bin/sam validate --lint --template template.yaml

.PHONY: deny
deny: ## Check licences, bans and sources of all dependencies (needs cargo-deny)
	cargo deny check bans licenses sources

.PHONY: alarms
alarms: ## Write alarms and dashboards from detectors/ into template.yaml
	cargo xtask alarms

.PHONY: docs
docs: ## Write the generated pages of docs/ from the code
	cargo xtask docs

.PHONY: invoke
invoke: build ## Run the function on one event, EVENT=events/….json, against the local cloud
	cargo run --locked --quiet --package trailmeter-demo --bin invoke -- --function $(TRAILMETER_DETECT) $(EVENT)

.PHONY: fuzz
fuzz: ## Fuzz file bytes, patterns, rules and payloads for a while (needs cargo-fuzz and a nightly toolchain)
	for target in log_file filter_pattern sigma_rule detector_file delivery; do cargo +nightly fuzz run $$target -- -max_total_time=$${SECONDS_EACH:-300}; done

.PHONY: clean
clean: ## Remove build results and tools
	rm -rf target .venv .aws-sam
