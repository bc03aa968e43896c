# Everything is set up in .venv by the first target that needs it; nothing has to be installed by hand.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready
DEMO_SERVE ?= 1

.PHONY: demo test check browser screenshots docs tables pictures bench fuzz faults neo4j clean

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "relgraph needs Python 3.11 or later: make PYTHON=python3.12 ..." >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[all]' --group test --group bench
	touch $@

demo: $(STAMP)
	DEMO_SERVE=$(DEMO_SERVE) $(BIN)/python examples/demo.py

# Debian's Chromium, which the tests of the pages look through; without it and without apt they are skipped, and say so
browser:
	@command -v chromium >/dev/null || { command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium fonts-noto-core >/dev/null; } \
		|| echo "no Chromium here, and no way to install it: tests in a browser will be skipped" >&2

screenshots: $(STAMP) browser
	$(BIN)/python -m tests.web.screenshots docs/pictures

test: check browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(STAMP)
	$(BIN)/python -m docs.generate

# the tables of the parser, after a change of the grammar or of Lark
tables: $(STAMP)
	$(BIN)/python -m relgraph.query.tables

pictures: $(STAMP)
	$(BIN)/python -m docs.pictures.terminal

bench: $(STAMP)
	$(BIN)/python -m bench

fuzz: $(STAMP)
	RELGRAPH_FUZZ=1 $(BIN)/python -m pytest -n 2 tests/properties tests/web/test_described.py tests/web/test_fuzzed.py

faults: $(STAMP)
	RELGRAPH_FAULTS=1 $(BIN)/python -m pytest -n 0 -v tests/unit/engines/sqlite/test_faults.py tests/unit/engines/sqlite/test_processes.py tests/unit/engines/sqlite/test_files.py tests/unit/engines/sqlite/test_bad_files.py

neo4j: $(STAMP)
	$(BIN)/python -m tests.servers.neo4j

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
