# Everything happens in a virtual environment inside the checkout; nothing needs root.
#
#   make run     the proxy with its built-in demonstration, http://127.0.0.1:8080
#   make test    the whole suite; TESTS="tests.wire tests.edge" runs a part of it
#   make lint    formatting, lint rules, types and the layers of the imports
#   make bench   side by side with other proxies; ROW="1k-plain 1k-tls" and
#                PEERS="nginx revproxy" for a part of it, ARGS="--help" for more
#   make docs    the documentation, into docs/_build/html
#   make compile the way of a request, compiled in place; fails where that is not possible
#
# PYTHON=python3.12 chooses the interpreter of a new environment.  What runs is compiled
# first where there is a C compiler; REVPROXY_COMPILED=0 in the environment prevents it.

PYTHON ?= python3
TESTS ?= tests
ARGS ?=
ROW ?=
PEERS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed-
COMPILED := $(VENV)/compiled
WANTED := $(if $(filter 0,$(REVPROXY_COMPILED)),,$(COMPILED))

.PHONY: run test lint bench bench-mitmproxy docs compile clean
.NOTPARALLEL:

run: $(INSTALLED)run $(WANTED)
	$(BIN)/twistd --nodaemon --pidfile= revproxy $(ARGS)

test: $(INSTALLED)test $(WANTED)
	$(BIN)/python -m tests.variants $(TESTS)

lint: $(INSTALLED)lint
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m tests.run tests.test_layers

bench: $(INSTALLED)run $(WANTED)
	$(BIN)/python -m bench --rows='$(ROW)' --peers='$(PEERS)' $(ARGS)

# mitmproxy has many dependencies of its own, so it gets an environment of its own.
bench-mitmproxy:
	@PYTHON='$(PYTHON)' .ci/environment bench/.cache/mitmproxy
	bench/.cache/mitmproxy/bin/pip install --disable-pip-version-check mitmproxy

docs: $(INSTALLED)docs
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

compile: $(INSTALLED)run
	REVPROXY_COMPILED=1 $(BIN)/python -m build_backend
	@touch $(COMPILED)

clean:
	rm -rf $(VENV) build dist docs/_build _trial_temp* *.egg-info
	find revproxy -name '*.so' -delete -or -name 'compiled.*.sums' -delete

# What each of the above needs, installed once and again when the metadata changes.
$(INSTALLED)run: EXTRAS := [compile]
$(INSTALLED)test: EXTRAS := [test,compile]
$(INSTALLED)lint: EXTRAS := [test,lint]
$(INSTALLED)docs: EXTRAS := [docs]

$(INSTALLED)%: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --editable '.$(EXTRAS)'
	@touch $@

# Tried once after each change, whether it works or not.
$(COMPILED): setup.py pyproject.toml $(shell find revproxy -name '*.py')
	@$(BIN)/python -m build_backend
	@touch $@

$(BIN)/python:
	@PYTHON='$(PYTHON)' .ci/environment $(VENV)
