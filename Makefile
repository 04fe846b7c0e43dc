# `make demo` and `make test` each work as the first command on a fresh clone: python3 (3.11 or newer, with venv) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test test-real soak search check format docs bench bench-real pictures clean

help: ## say what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "osconsole needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version`. Say PYTHON=python3.11 or the like." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable .
	$(BIN)/python -m compileall -q osconsole
	@touch $@

$(VENV)/installed-test: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable '.[test]'
	$(BIN)/python -m compileall -q osconsole
	@touch $@ $(VENV)/installed

demo: $(VENV)/installed ## a whole OpenStack on this machine, and the console on it
	$(BIN)/osconsole demo

test: $(VENV)/installed-test ## every test; those that need more than is here say what and skip
	$(BIN)/python -m pytest --numprocesses 2 $(ARGS)

# Where the harness for a real control plane lies, if not beside this checkout.
REALCLUSTER ?= ../shared/realcluster

test-real: $(VENV)/installed-test ## the tests of clients, controllers and conformance on a real kube-apiserver too, which is built first where its harness is here
	if [ -x $(REALCLUSTER)/build ]; then $(REALCLUSTER)/build; fi
	OSCONSOLE_TEST_REAL=1 $(BIN)/python -m pytest --numprocesses 2 tests/conformance tests/kube tests/embedded/controllers tests/embedded/kubelet tests/real $(ARGS)

soak: $(VENV)/installed-test ## half an hour and more: the whole weather and 20,000 random writes with cuts, ROUNDS=20 times; a server gone for minutes, and killed 100 times under load
	OSCONSOLE_SOAK=$(or $(ROUNDS),20) OSCONSOLE_SOAK_KILLS=100 $(BIN)/python -m pytest --numprocesses 4 tests/soak tests/kube/test_faults.py tests/embedded/api/test_durability.py::test_kills_under_load $(ARGS)

search: $(VENV)/installed-test ## hours: 1,000 random walks of both API servers, which may find differences that nobody has met yet
	OSCONSOLE_CONFORMANCE_EXAMPLES=1000 $(BIN)/python -m pytest --timeout 0 tests/conformance/test_machine.py $(ARGS)

check: $(VENV)/installed-test ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/installed-test ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/installed ## write the pages that are made from data
	$(BIN)/python -m osconsole.views.why.table > docs/why.md

bench: $(VENV)/installed-test ## print the figures of the budgets
	$(BIN)/python -m benchmarks

bench-real: $(VENV)/installed-test ## the same beside kubectl and the official client on a real kube-apiserver with 10,000 pods; ARGS="--pods 600" takes fewer
	OSCONSOLE_REALCLUSTER=$(abspath $(REALCLUSTER)) $(BIN)/python -m benchmarks real $(ARGS)

pictures: $(VENV)/installed-test ## the screens in docs/, written by the console on a demo cluster
	$(BIN)/python -m docs.pictures

clean: ## remove what was built here
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
