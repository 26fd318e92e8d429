# Every target does the set-up it needs; `make` alone lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

BIN := .venv/bin
READY := .venv/lock.sha256
EXTENSION := exts/blueprint.pipeline

.PHONY: help setup demo test check lint types contracts security docs bench acceptance prebundle lock clean

help:  ## lists the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 14

setup: $(READY)  ## creates .venv from requirements.lock
	@echo "setup: .venv holds what requirements.lock names"

$(READY): requirements.lock pyproject.toml tools/setup.sh
	@echo "setup: creates .venv from requirements.lock"
	@tools/setup.sh

demo: $(READY)  ## takes the sample scan to a certified dataset in runs/demo and says where its report is
	@echo "demo: takes the sample scan to a certified dataset in runs/demo"
	@$(BIN)/blueprint demo --out runs/demo

test: $(READY)  ## runs the tests; fails under 85 % coverage
	@echo "test: runs the tests; fails under 85 % coverage"
	@$(BIN)/python -m pytest --cov --cov-report=term

# The words below are those of .github/workflows/ci.yaml.
check: lint types contracts security docs test  ## lint, types, contracts, security, docs, then test
	@echo "check: everything passed"

lint: $(READY)  ## checks style and formatting with ruff
	@echo "lint: checks style and formatting with ruff"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(READY)  ## checks types with pyright
	@echo "types: checks types with pyright"
	@PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright </dev/null

contracts: $(READY)  ## checks that imports go down only
	@echo "contracts: checks that imports go down only"
	@$(BIN)/lint-imports --no-cache

security: $(READY)  ## scans the package with bandit
	@echo "security: scans the package with bandit"
	@$(BIN)/bandit --quiet --recursive --configfile pyproject.toml $(EXTENSION)/blueprint

docs: $(READY)  ## builds docs/_build/html; a warning is an error
	@echo "docs: builds docs/_build/html; a warning is an error"
	@$(BIN)/python tools/settings_page.py docs/settings.md
	@$(BIN)/sphinx-build --quiet --fresh-env --fail-on-warning --keep-going --nitpicky docs docs/_build/html

bench: $(READY)  ## measures this machine; writes benchmarks/results.json and the README's table
	@echo "bench: measures this machine; writes benchmarks/results.json and the README's table"
	@$(BIN)/python benchmarks/run.py; measured=$$?; \
		$(BIN)/python tools/readme_numbers.py README.md benchmarks/results.json && exit $$measured

# ALSO="simready physx" consults those that come under NVIDIA's terms too; RUNS="runs/demo runs/mine" says which runs.
acceptance: $(READY)  ## lets foreign readers judge the results, each in an environment of its own
	@echo "acceptance: lets foreign readers judge the results, each in an environment of its own"
	@$(BIN)/python tests/acceptance/run.py $(if $(ALSO),--also $(ALSO)) $(if $(RUNS),--run $(RUNS))

prebundle: $(READY)  ## fills the extension's pip_prebundle with what Kit's Python lacks
	@echo "prebundle: fills the extension's pip_prebundle with what Kit's Python lacks"
	@rm -rf $(EXTENSION)/pip_prebundle
	@$(BIN)/python -m pip install --quiet --no-input --require-hashes --no-deps \
		--target $(EXTENSION)/pip_prebundle -r $(EXTENSION)/prebundle.lock </dev/null

lock: $(READY)  ## resolves requirements.lock and the extension's prebundle.lock anew
	@echo "lock: resolves requirements.lock and the extension's prebundle.lock anew"
	@tools/lock.sh

clean:  ## removes what demo, tests, docs and builds left; .venv stays
	@echo "clean: removes what demo, tests, docs and builds left; .venv stays"
	@rm -rf runs/demo build dist docs/_build docs/settings.md $(EXTENSION)/pip_prebundle \
		.pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.*
	@find exts tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
