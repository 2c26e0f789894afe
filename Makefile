# Needs Python 3.11 or newer and make; everything else goes into .venv.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN    := .venv/bin
STAMP  := .venv/.stamp
PYTEST := $(BIN)/pytest -q

# What really loads, starts servers or kills processes runs in `make test` only.
SLOW    := $(addprefix --ignore=tests/,conformance crash databases dlt_behaviour docs/test_sessions.py e2e sandbox servers transcripts unit/engine)
GOLDENS := $(wildcard tests/plans tests/errors tests/transcripts)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export RUNTIME__DLTHUB_TELEMETRY := false

AZURITE := 3.35.0

.PHONY: help setup servers demo test check static lint types floors unit fuzz format bless bench lock hosts clean docs

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv with the locked versions and databridge in it

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "databridge needs Python 3.11 or newer, but '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.11" >&2; exit 1; }
	@echo "Setting up .venv (the first time takes about a minute)"
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install -qq --no-compile --require-hashes --no-deps -r constraints.txt
	@$(BIN)/pip install -qq --no-deps --no-build-isolation -e .
	@$(BIN)/pip check -qq
	@touch $@

servers: setup ## the servers of tests that come from npm; without them their tests are skipped
	@npm install --silent --no-audit --no-fund --no-save --prefix .venv/node azurite@$(AZURITE)

demo: setup ## load the flights example, and see that a second plan is empty; may be repeated
	$(BIN)/python examples/flights/prepare.py
	$(BIN)/databridge plan
	$(BIN)/databridge apply --auto-approve
	$(BIN)/python examples/flights/verify.py
	$(BIN)/databridge plan

test: static ## everything: what check does, and every test
	@$(PYTEST) -n 2 --dist worksteal

check: static unit ## before each commit, in under two minutes: lint, types, floors, quick tests

static: lint types floors

lint: setup ## style, and how the files are formatted
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check || { echo "make format mends this" >&2; exit 1; }

types: setup ## mypy, strict
	@$(BIN)/mypy --no-error-summary

floors: setup ## who may import whom
	@found=$$($(BIN)/lint-imports --no-logo) || { echo "$$found"; exit 1; }

unit: setup ## the tests that need no process of their own
	@$(PYTEST) -n 2 $(SLOW)

fuzz: setup ## for hours: kill everything after each step on every destination, then STEPS (50,000) random ones; WORKERS (2) at once
	KILLS=all $(PYTEST) -n $(or $(WORKERS),2) tests/crash/test_sweep.py
	STEPS=$(or $(STEPS),50000) $(PYTEST) tests/properties/test_play.py tests/crash/test_play.py

format: setup ## format, and mend what ruff can mend
	@$(BIN)/ruff check --quiet --fix-only
	@$(BIN)/ruff format --quiet

bless: setup ## rewrite the goldens from what the code does now; read the diff before you commit it
	UPDATE=1 $(PYTEST) $(GOLDENS)

bench: setup ## measure
	@$(BIN)/python -m benchmarks

lock: ## resolve constraints.txt anew within the bounds of pyproject.toml; UPGRADE=1 takes newer versions
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install -qq 'uv>=0.9,<1'
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes \
	  --no-header --no-emit-index-url $(if $(UPGRADE),--upgrade) pyproject.toml --output-file constraints.txt
	@$(MAKE) hosts

hosts: # the lock must hold wherever packages come from
	@! grep -nE '://|index-url|find-links|file:' constraints.txt $(wildcard examples/*/requirements.txt)

clean: ## remove .venv and every cache; the demo's data stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

docs: setup ## bring generated pages, schemas and sessions up to date
	@$(BIN)/python -m docs.generate
