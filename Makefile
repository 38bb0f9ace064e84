# `make` lists what there is. Nothing has to be activated: every recipe calls what .venv holds.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed
# DVC starts `faultboard` by name
DVC    := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m dvc
# further flags of `make lock`, such as --upgrade or --upgrade-package torch
LOCK   ?=
# a worker a core, four at most, since each holds torch; one that has nothing left takes from another
QUICK  := -m "not slow" --benchmark-disable -n auto --maxprocesses 4 --dist worksteal

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup repro open papers test coverage lint check bench fuzz lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv and install what requirements.lock pins
	@echo "ready: $(BIN)/faultboard --help"

repro: $(READY) scm ## run the suite `sample` (generated recordings, offline) and print its leaderboard
	@$(DVC) repro
	@$(BIN)/python -m faultboard tables sample

open: $(READY) scm ## run the suite `open` (real recordings) and print its leaderboard
	@$(DVC) repro benchmarks/open/dvc.yaml
	@$(BIN)/python -m faultboard tables open

papers: $(READY) scm ## run the suite `papers` on the full data that are here, and print its leaderboard and claims
	@$(DVC) repro benchmarks/papers/dvc.yaml
	@$(BIN)/python -m faultboard tables papers

test: $(READY) ## run the tests, without those that take minutes
	@$(BIN)/python -m pytest $(QUICK)

coverage: $(READY) ## the same, and which lines of the engine they run
	@$(BIN)/python -m pytest $(QUICK) --cov --cov-report=term:skip-covered

lint: $(READY) ## ruff, mypy and the import arrows
	@failed=; for check in "ruff check" "ruff format --check" "mypy" "lint-imports --no-logo"; do \
	  $(BIN)/$$check || failed="$$failed '$$check'"; done; \
	[ -z "$$failed" ] || { echo "lint: failed:$$failed"; exit 1; }

# a suite is each folder below results/ that git tracks; without git, each that is neither `sample` nor another edition
check: $(READY) ## hold every committed suite against its cells, keys and tables
	@suites=$$(git ls-files 'results/*/*' 2>/dev/null | cut -d/ -f2 | sort -u); \
	[ -e .git ] || suites=$$(ls results | grep -v -e '^sample$$' -e @); \
	$(BIN)/python -m faultboard check $$suites

bench: $(READY) ## time the engine's hot paths, and a set of 3 GB (7 GB of disk)
	@$(BIN)/python -m pytest -m slow tests/bench --benchmark-columns=min,median,rounds

fuzz: $(READY) ## read 1,000 damaged files of each kind (half an hour)
	@$(BIN)/python -m pytest -m slow tests/datasets/test_fuzzed_readers.py

lock: $(BIN)/python ## resolve pyproject.toml into requirements.lock (LOCK=--upgrade for newer versions)
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install -q uv
	@$(BIN)/python -m uv pip compile -q --universal --fork-strategy fewest --generate-hashes --all-extras \
	  --python-version 3.11 --custom-compile-command "make lock" $(LOCK) pyproject.toml -o requirements.lock

clean: ## remove .venv and caches; data and results stay
	@rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks .import_linter_cache
	@find src tests datasets models -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "there is no $(PYTHON) here: make setup PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "faultboard needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) --version): make setup PYTHON=python3.11" >&2; \
	  exit 1; }
	@$(PYTHON) -m venv $(VENV)

# uv (pinned and hashed in the lock like the rest) installs in seconds; pip in minutes, from whatever index it is set up for.
$(READY): requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing into $(VENV) (5.4 GB, some minutes the first time)"
	@awk '/^[^ #]/ {on = /^uv==/} on' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@$(BIN)/python -m uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock \
	  || { echo "uv could not install; using pip"; \
	       $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# DVC looks for git unless told that there is none (an archive, a container)
.PHONY: scm
scm: $(READY)
	@if [ -e .git ]; then \
	  if grep -qs no_scm .dvc/config.local; then $(BIN)/python -m dvc config --local --unset core.no_scm; fi; \
	else grep -qs no_scm .dvc/config.local || $(BIN)/python -m dvc config --local core.no_scm true; fi
