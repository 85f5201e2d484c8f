# Everything a contributor does, each a command. `make demo` and `make test` need Python 3.11, make and
# package registries; they create .venv by themselves.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := models vision pipelines service bench tests

.PHONY: help demo test lint types imports check bench lock screenshots clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Street Patrol needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements/base.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the CPU product into $(VENV) (about a minute, once) ..."
	@$(PIP) install --quiet -r requirements/base.lock
	@$(PIP) install --quiet --no-deps --editable .
	@sh .ci/install-libraries $(BIN)/python
	@touch $@

$(VENV)/.dev: requirements/dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the product, torch and the test tools into $(VENV) (some minutes, once) ..."
	@$(PIP) install --quiet -r requirements/dev.lock
	@$(PIP) install --quiet --no-deps --editable .
	@sh .ci/install-libraries $(BIN)/python
	@sh .ci/install-browser $(BIN)/python
	@touch $(VENV)/.base $@

demo: $(VENV)/.base  ## render a small patrol, scan it, print planted against found and the counts
	@$(BIN)/patrol demo --home .demo

test: $(VENV)/.dev  ## the whole suite, with a real PostgreSQL and a real browser
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.dev  ## ruff: lint and format
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(VENV)/.dev  ## mypy, strict
	$(BIN)/mypy

imports: $(VENV)/.dev  ## the import contract: weights <- models <- vision <- pipelines <- service
	$(BIN)/lint-imports

check: lint types imports test  ## all that CI runs

bench: $(VENV)/.dev  ## speed and memory against ultralytics track(), interleaved in one run
	$(BIN)/python -m bench.speed

lock: $(VENV)/.dev  ## resolve the lock files anew
	cd requirements && for set in "base --extra=simulate" "dev --extra=simulate --extra=torch --extra=dev"; do \
		name=$${set%% *}; extras=$${set#* }; \
		../$(BIN)/pip-compile --quiet --no-emit-index-url --no-emit-find-links --no-emit-options --no-header \
			--strip-extras --no-annotate --allow-unsafe $$extras --output-file $$name.lock ../pyproject.toml; done

screenshots: demo $(VENV)/.dev  ## the pictures of the review page in docs/images, from the demo
	$(BIN)/python -m tests.service.screenshots .demo docs/images

clean:  ## remove the demo's results and caches, keep .venv
	rm -rf .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
