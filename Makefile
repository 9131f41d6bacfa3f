# `make setup`, `make demo`, `make test`, `make bench`, `make docs`: each sets up first what it needs.
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

.PHONY: setup demo test lint bench docs lock

setup: $(STAMP)

$(STAMP): requirements-build.lock requirements-dev.lock pyproject.toml tools/setup.sh
	@VENV="$(VENV)" sh tools/setup.sh

demo: $(STAMP)
	$(BIN)/auditor demo --out demo

# Two workers, so that the whole stays below ten minutes on two cores.
test: lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m benchmarks

docs: $(STAMP)
	$(BIN)/python tools/make_docs.py

lock:
	sh tools/lock.sh
