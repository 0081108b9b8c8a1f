# Everything crmsync needs on a machine with Python 3.11 or newer and make: `make demo`, `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
OWN := . ./connectors/salesforce ./connectors/hubspot
PYTEST := PYTHONDONTWRITEBYTECODE= PYTHONHASHSEED=0 $(BIN)/pytest --numprocesses auto --dist worksteal --forked
PROJECTS := pyproject.toml connectors/salesforce/pyproject.toml connectors/hubspot/pyproject.toml

.PHONY: help demo test breadth lint types imports pytest docs packages materials explore another-day kill postgresql machines soak mutants bench bench-suggestions \
	init-on-made-orgs pins clean

help:  ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

demo: $(VENV)/run-installed  ## A dry run on practice CRMs: what crmsync would change, and why
	@$(BIN)/crmsync demo

# Types and import contracts use one core, as the tests do while they are imported: so they are looked at beside them.
test: lint  ## Lint, types, import contracts and the tests: what shows soon that something broke
	@$(MAKE) --no-print-directory --jobs=2 pytest types imports || { echo \
	  "Something is wrong: it is told above. By themselves: make types, make imports, make pytest"; exit 1; }

SHARE ?= 0/1
breadth: $(VENV)/test-installed  ## The rest of the tests, which try in many places what `make test` tries in one; SHARE=3/10: a tenth
	$(PYTEST) --part breadth --share $(SHARE)

lint: $(VENV)/test-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/test-installed
	$(BIN)/mypy

imports: $(VENV)/test-installed
	$(BIN)/lint-imports --no-cache

pytest: $(VENV)/test-installed
	$(PYTEST) --part core

docs: $(VENV)/docs-installed  ## The pages as a site in site/; a dead link or a page that fetches something ends it
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict  # strict only as long as it is not quiet
	@echo "Built in site/. To read: $(PYTHON) -m http.server -d site"

packages: $(VENV)/test-installed  ## Build wheels and source distributions, install them elsewhere, and try them
	@$(BIN)/python scripts/check_packages.py --wheels dist --from wheel --tests
	@$(BIN)/python scripts/check_packages.py --wheels dist --from sdist

materials: $(VENV)/materials-installed  ## What crmsync runs with, as a CycloneDX bill of materials in dist/
	@mkdir -p dist
	@$(BIN)/cyclonedx-py requirements requirements/run.txt --pyproject pyproject.toml --output-reproducible --validate \
	  --output-format JSON --output-file dist/crmsync.cdx.json

MINUTES ?= 10
explore: $(VENV)/test-installed  ## Search with fresh seeds for MINUTES=10; what fails is kept in tests/found
	$(BIN)/python tests/suite/explore.py $(MINUTES)

DAYS ?= 40
another-day: $(VENV)/test-installed  ## The tests as if it were DAYS=40 later (Linux with glibc and a C compiler)
	$(CC) -O2 -shared -fPIC -o $(VENV)/another_day.so tests/suite/another_day.c
	SECONDS_AHEAD=$$(($(DAYS) * 86400)) LD_PRELOAD=$(abspath $(VENV))/another_day.so $(PYTEST) --part core

kill: $(VENV)/test-installed  ## Kill changing commands at 200 points and see whether all ends as after calm ones
	$(BIN)/python tests/acceptance/kill_everywhere.py

ON_POSTGRESQL := test_kill test_kill_hand_off test_kill_undo test_two_at_once test_hand_off test_apply test_undo test_dry_run \
	test_faults_that_last test_people_meanwhile test_never_fight test_redistribute test_pilot
postgresql: $(VENV)/test-installed  ## Runs, kills and hand-offs with their stores in a real PostgreSQL
	CRMSYNC_TEST_STORE=postgresql $(PYTEST) \
	  $(ON_POSTGRESQL:%=tests/acceptance/%.py) -k "not another_time_or_place"  # it copies the file
	CRMSYNC_TEST_STORE=postgresql $(BIN)/python tests/acceptance/kill_everywhere.py

machines: $(VENV)/test-installed  ## Two machines serve 20 connections; killed, frozen, cut off, their server restarted
	$(BIN)/python tests/acceptance/many_machines.py

soak: $(VENV)/test-installed  ## A service at work for MINUTES=10 on both databases: memory, descriptors, alerts, agreement
	$(BIN)/python tests/acceptance/soak.py $(MINUTES)

bench-suggestions: $(VENV)/test-installed  ## How well `init` suggests, on made orgs: precision, recall, every miss
	@$(BIN)/python scripts/bench_suggestions.py

init-on-made-orgs: $(VENV)/test-installed  ## `init --yes` on every made org, in practice CRMs: half a minute for each
	@$(BIN)/python scripts/init_on_made_orgs.py

mutants: $(VENV)/test-installed  ## Plant known mistakes one by one and see whether the fast tests notice; SHARE=3/10: a tenth
	$(BIN)/python tests/mutants/bench.py --share $(SHARE)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "crmsync needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

# What pip installs it compiles, folders in use it does not: else each start compiles them, where nothing may be kept.
# Third parties come with hashes; hashes and local folders do not mix in one pip call, so ours follow without theirs.
$(VENV)/run-installed: requirements/run.txt $(PROJECTS) | $(BIN)/python
	@echo "Installing pinned packages (once) …"
	@$(PIP) install --require-hashes --no-deps -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation $(addprefix -e ,$(OWN))
	@$(BIN)/python -m compileall -q src connectors/*/src
	@touch $@

$(VENV)/test-installed: requirements/test.txt $(VENV)/run-installed
	@echo "Installing pinned packages for tests (once) …"
	@$(PIP) install --require-hashes --no-deps -r requirements/test.txt
	@touch $@

$(VENV)/%-installed: requirements/%.txt $(VENV)/test-installed
	@echo "Installing pinned packages for $* (once) …"
	@$(PIP) install --require-hashes --no-deps -r $<
	@touch $@

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-header --no-annotate --no-emit-package crmsync

pins:  ## Renew the pinned packages (needs uv)
	$(COMPILE) $(PROJECTS) --group pyproject.toml:build -o requirements/run.txt
	$(COMPILE) $(PROJECTS) --group pyproject.toml:build --group pyproject.toml:dev -c requirements/run.txt -o requirements/test.txt
	$(COMPILE) --group pyproject.toml:docs -c requirements/test.txt -o requirements/docs.txt
	$(COMPILE) --group pyproject.toml:materials -c requirements/test.txt -o requirements/materials.txt

clean:  ## Remove the virtual environment and caches
	rm -rf $(VENV) site dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
