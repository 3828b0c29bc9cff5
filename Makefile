# `make lab` runs the exercise and writes the report, `make test` checks everything,
# `make bench` races the engine against Keras and PyTorch. Each installs what it needs into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ENGINE := $(shell find engine -type f) CMakeLists.txt pyproject.toml
PACKAGE := $(shell find src -type f -not -path '*/__pycache__/*')
LAB_ARGS ?=

.PHONY: lab test lint bench clean

lab: $(VENV)/.lab
	$(BIN)/netlet lab $(LAB_ARGS)

test: lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

clean:
	rm -rf $(VENV) build dist lab-report .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The package is installed as users get it, so what is tested is what ships; any change installs it anew.
$(VENV)/.lab: $(BIN)/python $(ENGINE) $(PACKAGE)
	$(BIN)/python -m pip install --quiet .
	@touch $@

$(VENV)/.test: $(VENV)/.lab
	$(BIN)/python -m pip install --quiet ".[test]"
	@touch $@

$(VENV)/.bench: $(VENV)/.lab
	$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet ".[bench]"
	@touch $@
