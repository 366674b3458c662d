# Two commands do everything: `make run` and `make test`. Both install what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One more than there are processors: a good part of the tests waits for a network or a disk.
TESTERS ?= $(shell expr $$(nproc 2>/dev/null || echo 1) + 1)

.PHONY: run test check format bench demo crash soak fuzz network conformance clean lock browser fedify judges

run: $(VENV)/core ## a working node with sample content on http://localhost:8080
	$(BIN)/roughweather demo --nodes 1 --host localhost --port 8080

demo: $(VENV)/core ## three nodes that follow each other
	$(BIN)/roughweather demo

test: $(VENV)/dev browser fedify judges ## every test
	$(BIN)/python -m pytest -n $(TESTERS) --dist loadfile

check: $(VENV)/dev ## format, lint, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/dev ## the node against the limits of this machine
	$(BIN)/python -m bench

crash: $(VENV)/dev ## a thousand rounds of kill -9
	ROUNDS=1000 STOPPED_SECONDS=2 $(BIN)/python -m pytest tests/crash --timeout=7200

soak: $(VENV)/dev ## hostile neighbours for SECONDS (180), figures against targets
	$(BIN)/python -m tests.soak

fuzz: $(VENV)/dev ## each reader of bytes from outside for SECONDS (60), then INBOX (2000) examples of eight hostile activities, then 50 made-up groups
	SECONDS=$(or $(SECONDS),60) $(BIN)/python -m tests.fuzz
	EXAMPLES=$(or $(INBOX),2000) $(BIN)/python -m pytest tests/interop/test_hostile_documents.py --timeout=7200
	EXAMPLES=50 $(BIN)/python -m pytest tests/properties/test_visibility_properties.py --timeout=7200

network: $(VENV)/dev ## networks of 5 to 50 nodes on this machine, and what each costs a node
	$(BIN)/python -m tests.network

conformance: $(VENV)/dev ## other people's test suites, against running nodes
	$(BIN)/python -m conformance

# Debian's Chromium is the browser of the tests.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
	  echo "Installing Chromium for the browser tests"; $(call debian,chromium); }
	@ldconfig -p | grep -q libpangoft2 || { \
	  echo "Installing Pango for the PDF tests"; $(call debian,libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0); }

# The living peer of tests/fedify with the Node it runs on, and the judges of tests/judges; Debian's npm fetches both.
fedify judges: %: tests/%/node_modules/.package-lock.json

tests/%/node_modules/.package-lock.json: tests/%/package-lock.json
	@command -v npm >/dev/null || { echo "Installing npm for the programs that tests ask"; $(call debian,nodejs npm); }
	npm --prefix tests/$* ci --no-audit --no-fund --loglevel=error
	@touch $@

debian = if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq $(1) >/dev/null; \
	  else sudo apt-get update -qq && sudo apt-get install -y -qq $(1) >/dev/null; fi

$(VENV)/core: requirements/core.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/core.txt
	@$(BIN)/python -c "import pathlib, sysconfig; pathlib.Path(sysconfig.get_path('purelib'), 'roughweather.pth').write_text('$(CURDIR)')"
	@printf '#!/bin/sh\nexec "%s/python" -m node "$$@"\n' "$(CURDIR)/$(BIN)" > $(BIN)/roughweather && chmod +x $(BIN)/roughweather
	@touch $@

$(VENV)/dev: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/core

lock: ## resolve the versions anew (needs uv)
	uv pip compile -q pyproject.toml --extra media --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements/core.txt
	uv pip compile -q pyproject.toml --extra media --extra pdf --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements/dev.txt

clean:
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache tests/fedify/node_modules tests/judges/node_modules
