# Everything is run from here; `make` alone lists the targets. Works with GNU make 3.81 (macOS) and later.
# Paths are relative throughout: a checkout whose path holds spaces works.

# The first Python new enough; say another one with `make PYTHON=python3.12 run`.
PYTHON ?= $(shell for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$candidate; exit; fi; \
	done; echo python3)
PORT ?= 8000
AT ?= 2026-06-30
BIN := .venv/bin
CODE := topology importers risk graphql_api underpin tests benchmarks tools
SHELL := /bin/sh

.DEFAULT_GOAL := help
.PHONY: help python install install-dev graphiql run neo4j test check lint types layers sizes format lock schema bench \
	build clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

python:
	@command -v $(PYTHON) >/dev/null 2>&1 \
		|| { echo "error: there is no $(PYTHON) on PATH; install Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "error: Underpin needs Python 3.11 or newer; name one with 'make PYTHON=python3.12 ...'." >&2; exit 1; }

install: python ## Install Underpin into .venv, by the run lock, with GraphiQL's assets
	@$(PYTHON) tools/install.py run
	@$(BIN)/python tools/fetch_graphiql.py

install-dev: python ## Install what developing and testing needs as well
	@$(PYTHON) tools/install.py dev
	@$(BIN)/python tools/fetch_graphiql.py

graphiql: install ## Fetch GraphiQL's assets (again)

run: install ## Load the example estate, print a tour and serve it on 127.0.0.1 (PORT=8000)
	@$(BIN)/underpin demo --at $(AT) --port $(PORT)

neo4j: install-dev ## Fetch the Neo4j server that the tests start (once, needs a JDK and Maven)
	@$(BIN)/python -m tests.neo4j_server fetch

test: install-dev check neo4j ## Check, then run every test, those against a real Neo4j too
	@$(BIN)/python -m pytest

check: lint types layers sizes ## Lint, format, types, layers and file sizes

lint: install-dev
	@$(BIN)/ruff check --quiet $(wildcard $(CODE))
	@$(BIN)/ruff format --check --quiet $(wildcard $(CODE)) \
		|| { echo "error: 'make format' puts these files into shape." >&2; exit 1; }

types: install-dev
	@$(BIN)/mypy $(wildcard $(CODE))

layers: install-dev
	@$(BIN)/lint-imports --no-logo

sizes: install-dev
	@$(BIN)/python tools/check_sizes.py $(wildcard $(CODE))

format: install-dev ## Format the code and repair what ruff can repair
	@$(BIN)/ruff check --fix $(wildcard $(CODE))
	@$(BIN)/ruff format $(wildcard $(CODE))

lock: install-dev ## Write the locks anew with the newest versions: names and hashes, no addresses
	@$(BIN)/python tools/lock.py
	@$(BIN)/python tools/fetch_graphiql.py --lock

schema: install ## Write graphql_api/schema.graphql anew from the code
	@$(BIN)/python -m graphql_api.sdl > graphql_api/schema.graphql.new \
		&& mv graphql_api/schema.graphql.new graphql_api/schema.graphql \
		|| { rm -f graphql_api/schema.graphql.new; exit 1; }

bench: install-dev ## Run the benchmarks; each prints a table
	@$(BIN)/python -m benchmarks

build: install-dev ## Build the wheel into dist/
	@$(BIN)/python -m pip --quiet wheel --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove what installing, testing and building made (not the stores)
	rm -rf .venv .venv.lock build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
		graphql_api/static/graphiql
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
