# Everything happens in a virtual environment inside the checkout; nothing needs root.
#
#   make run     the proxy with its built-in demonstration, http://127.0.0.1:8080
#   make test    the whole suite; TESTS="tests.wire tests.edge" runs a part of it
#   make lint    formatting, lint rules, types and the layers of the imports
#   make bench   side by side with other proxies; ARGS="--help" for its options
#   make docs    the documentation, into docs/_build/html
#
# PYTHON=python3.12 chooses the interpreter of a new environment.

PYTHON ?= python3
TESTS ?= tests
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed-

.PHONY: run test lint bench docs clean

run: $(INSTALLED)run
	$(BIN)/twistd --nodaemon --pidfile= revproxy $(ARGS)

test: $(INSTALLED)test
	$(BIN)/python -m tests.run $(TESTS)

lint: $(INSTALLED)lint
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m tests.run tests.test_layers

bench: $(INSTALLED)run
	$(BIN)/python -m bench $(ARGS)

docs: $(INSTALLED)docs
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

clean:
	rm -rf $(VENV) build dist docs/_build _trial_temp* *.egg-info

# What each of the above needs, installed once and again when the metadata changes.
$(INSTALLED)run: EXTRAS :=
$(INSTALLED)test: EXTRAS := [test]
$(INSTALLED)lint: EXTRAS := [test,lint]
$(INSTALLED)docs: EXTRAS := [docs]

$(INSTALLED)%: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --editable '.$(EXTRAS)'
	@touch $@

$(BIN)/python:
	@PYTHON='$(PYTHON)' .ci/environment $(VENV)
