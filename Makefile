# Every target is a plain command line, so that it can be typed without make. PYTHON builds the environment.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test check fmt bench smoke soak contract editors corpus train evaluate clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,serve,sketch]'
	@touch $@

setup: $(READY)

demo: $(READY)
	$(BIN)/twopop render examples/kitchen/kitchen.otio -o out

test: $(READY)
	$(BIN)/python -m pytest -q --durations=25 -n 2 -m "not soak and not contract and not editors and not whisper"

check: $(READY)
	$(BIN)/ruff check sdk adapters engine tests examples benchmarks
	$(BIN)/ruff format --check sdk adapters engine tests examples benchmarks
	$(BIN)/pyright
	$(BIN)/lint-imports

fmt: $(READY)
	$(BIN)/ruff check --fix sdk adapters engine tests examples benchmarks
	$(BIN)/ruff format sdk adapters engine tests examples benchmarks

bench: $(READY)
	for script in benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

# The wheel alone, no extras, no development tools: import it and run the first example.
smoke: $(READY)
	$(BIN)/pip install --quiet build
	rm -rf out/smoke && mkdir -p out/smoke
	$(BIN)/python -m build --wheel --outdir out/smoke .
	$(PYTHON) -m venv out/smoke/venv
	out/smoke/venv/bin/pip install --quiet out/smoke/*.whl
	out/smoke/venv/bin/python examples/01_read_a_cut.py

soak: $(READY)
	$(BIN)/python -m pytest -q -m soak

contract: $(READY)
	$(BIN)/python -m pytest -q -m contract

editors: $(READY)
	$(BIN)/python -m pytest -q -m editors

clean:
	rm -rf out dist .pytest_cache .ruff_cache .hypothesis
