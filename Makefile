# One command each; every one does its own set-up. Needs Python >= 3.11 with pip, and cargo.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
GUNGRAUN = $(shell sed -n '/name = "gungraun"/{n;s/version = "\(.*\)"/\1/p;}' Cargo.lock)
RUST := Cargo.toml Cargo.lock $(shell find src -name '*.rs')

.DEFAULT_GOAL := help
.PHONY: help build demo test lint format verify wheel bench race-peers instructions clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("atrisk needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; say PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet $$($(BIN)/python -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; e = p["optional-dependencies"]; print(*(q.replace(" ", "") for q in p["dependencies"] + e["notebook"] + e["dev"] if not q.startswith("atrisk")))')
	touch $@

$(VENV)/.built: $(STAMP) $(RUST)
	VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/maturin develop --release --locked --quiet
	touch $@

build: $(VENV)/.built ## build the package into a virtual environment of its own

demo: build ## settle four contracts on a panel made from real people, print the summary, save two plots and a report
	$(BIN)/python -m atrisk.demo --output demo-output

test: build ## all tests: Rust, then Python
	cargo test --release --locked --quiet
	$(BIN)/python -m pytest --quiet

lint: build ## formatting, clippy, ruff, types, and the compiled module against its stub
	cargo fmt --check
	cargo clippy --release --locked --all-targets -- -D warnings
	cargo clippy --release --locked --features python -- -D warnings
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest atrisk._core

format: $(STAMP) ## put Rust and Python into their form
	cargo fmt
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

verify: build ## minutes: a million executions of fuzzing and the slow statistical tests; records the result
	$(BIN)/python tests/verify.py

wheel: $(STAMP) ## build a wheel into dist, and try it with every Python and NumPy it is for that can be found
	rm -rf dist
	$(BIN)/maturin build --release --locked --out dist
	$(BIN)/python tests/wheel/run.py dist

bench: build ## the panel task against its NumPy baseline, the cost of arms and episodes, settlements, payment systems and claims on frames, then each stage of the core
	$(BIN)/python benches/race.py
	$(BIN)/python benches/race_years.py
	$(BIN)/python benches/settlements.py
	$(BIN)/python benches/arms.py
	$(BIN)/python benches/episodes.py --most-seconds 60
	$(BIN)/python benches/payment_systems.py --least 0.1
	$(BIN)/python benches/claims_to_panel.py --repeat 1 --most 30
	cargo bench --locked --bench stages

race-peers: build ## a year's claims against the installable peers, in an environment of their own
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip install --quiet --disable-pip-version-check -r benches/peers.txt
	$(BIN)/python benches/race_peers.py --peers $(VENV)-peers/bin/python --output docs/development/peers.md

instructions: ## count the instructions of each hot kernel; needs valgrind, installs its runner below target
	cargo install --quiet --locked --version $(GUNGRAUN) --root target/tools gungraun-runner
	GUNGRAUN_RUNNER=$(abspath target/tools/bin/gungraun-runner) cargo bench --locked --bench instructions

clean: ## remove everything that was built
	rm -rf $(VENV) $(VENV)-peers target dist demo-output
