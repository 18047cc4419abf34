# Every target is a plain command line, so that it can be typed without make. PYTHON builds the environment.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TRAINER := $(VENV)/.trainer

.PHONY: setup demo editors-deps test check fmt bench smoke soak contract editors corpus train evaluate clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,serve,sketch]'
	@touch $@

setup: $(READY)

demo: $(READY)
	$(BIN)/twopop render examples/kitchen/kitchen.otio -o out

# Foreign editors that the suite renders our projects with. Where they cannot be had, their tests are skipped aloud.
EDITORS := melt ges1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-libav
BLENDER := .venv-blender

editors-deps: $(BLENDER)/.ready
	@if command -v melt >/dev/null && command -v ges-launch-1.0 >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(EDITORS) >/dev/null \
	    || echo "SKIPPED: apt-get could not install melt and GES; their tests will be skipped"; \
	else echo "SKIPPED: melt and GES are not here and only root on Debian installs them; their tests will be skipped"; fi

# Blender as a module wants an environment of its own (numpy 1) and Python 3.11.
$(BLENDER)/.ready: pyproject.toml
	@$(PYTHON) -m venv $(BLENDER) && $(BLENDER)/bin/pip install --quiet --disable-pip-version-check 'bpy==4.5.*' --editable . \
	  && touch $@ || { rm -rf $(BLENDER); echo "SKIPPED: bpy 4.5 cannot be installed; Blender's tests will be skipped"; }

test: $(READY) editors-deps
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

# The slower editors: Kdenlive and Blender in their own windows and GES that reads .otio (where they are here, or in folders
# named by TWOPOP_KDENLIVE_ROOT, TWOPOP_BLENDER_ROOT and TWOPOP_GES_ROOT; tests/support/*_root.sh make those), Blender 5 on Python 3.13.
BLENDER5 := .venv-blender5

$(BLENDER5)/.ready: pyproject.toml
	@python3.13 -m venv $(BLENDER5) && $(BLENDER5)/bin/pip install --quiet --disable-pip-version-check 'bpy>=5' --editable . \
	  && touch $@ || { rm -rf $(BLENDER5); echo "SKIPPED: bpy 5 cannot be installed; the tests in Blender 5 will be skipped"; }

editors: $(READY) editors-deps $(BLENDER5)/.ready
	$(BIN)/python -m pytest -q -rs -m editors
	@if [ -x $(BLENDER5)/bin/python ]; then TWOPOP_BLENDER_PYTHON=$(abspath $(BLENDER5))/bin/python \
	  $(BIN)/python -m pytest -q tests/editors/test_blender_panel.py tests/editors/test_rendered.py -k blender; fi

# Makes sketch again: speech for the corpus, then weights (both resume where they were stopped), then the numbers.
$(TRAINER): $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train]'
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps 'resemblyzer>=0.1.4' # it asks for a "typing" that breaks this Python
	@touch $@

corpus: $(TRAINER)
	$(BIN)/python -m twopop_engine.train.corpus --hours 3.5

train: $(TRAINER)
	$(BIN)/python -m twopop_engine.train.durations
	$(BIN)/python -m twopop_engine.train.train
	$(BIN)/python -m twopop_engine.train.export

evaluate: $(TRAINER)
	for part in evaluate evaluate_words evaluate_lips evaluate_people evaluate_music evaluate_ambience evaluate_prompts; do \
	  $(BIN)/python -m twopop_engine.train.$$part || failed=1; done; [ -z "$$failed" ]

clean:
	rm -rf out dist $(BLENDER) $(BLENDER5) .pytest_cache .ruff_cache .hypothesis
