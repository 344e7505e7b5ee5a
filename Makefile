# Two commands for everybody: `make demo` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --require-hashes --no-deps --only-binary :all: --requirement
SEED ?= 1

.PHONY: demo test test-long lint docs messages bench lock clean

demo: $(VENV)/run.done
	$(BIN)/parley brief examples/istanbul-2025 --out briefing --seed $(SEED)

test: lint
	$(BIN)/python -m pytest --numprocesses 2

# some hours: every kill point, a thousand images of power loss, 200 clients (docs/reliability.md)
test-long: $(VENV)/test.done
	mkdir -p build
	PARLEY_LONG=1 PARLEY_FIGURES=build/figures.jsonl $(BIN)/python -m pytest --durations 20 tests/reliability \
	  tests/properties/test_exchange_rounds.py tests/properties/test_exchange_tamper.py \
	  tests/properties/test_log.py tests/room

lint: $(VENV)/test.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: $(VENV)/test.done
	$(BIN)/python -m tests.docs.reference

messages: $(VENV)/test.done
	$(BIN)/python -m tests.docs.messages

bench: .venv-bench/bench.done
	.venv-bench/bin/python -m benchmarks

lock: $(VENV)/test.done
	sh requirements/lock.sh $(BIN)/python

clean:
	rm -rf $(VENV) .venv-bench briefing

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Parley needs Python 3.11 or later: make PYTHON=/path/to/python3.11 …"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.done: $(VENV)/bin/python requirements/run.txt pyproject.toml
	@echo "Setting up (once; some minutes on a slow line) …"
	$(INSTALL) requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.done: $(VENV)/run.done requirements/test.txt
	$(INSTALL) requirements/test.txt
	@touch $@

# peers live in a folder of their own, so that the product never sees them
.venv-bench/bench.done: requirements/bench.txt pyproject.toml
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip --quiet install --require-hashes --no-deps -r requirements/bench.txt
	.venv-bench/bin/python -m pip --quiet install --no-deps --no-build-isolation --editable .
	@touch $@
