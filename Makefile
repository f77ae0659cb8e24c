# Tenantry: `make help` lists what there is.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
CLIENTS := $(VENV)/.clients
AUDIT   := .tenantry/audit
MKDOCS := $(VENV)/.mkdocs
REWRITTEN := .tenantry/rewritten
RELEASE := .tenantry/release
PIP     := $(BIN)/python -m pip
QUIETLY := --quiet --disable-pip-version-check
RUNNING := .tenantry/directory/running.json
CORES   := $(shell nproc 2>/dev/null || echo 4)
# Four more than there are cores: the engine's tests mostly wait.
WORKERS ?= $(shell echo $$(($(CORES) + 4)))

LOCK := --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --quiet --upgrade pyproject.toml

.DEFAULT_GOAL := help
.PHONY: up down test test-deep fuzz chaos audit-dependencies lint bench lock docs site release clean help setup

up: setup ## start the embedded directory, provision the sample partner, show who has what
	@$(BIN)/tenantry up

down: setup ## stop the embedded directory (its contents stay for the next `make up`)
	@$(BIN)/tenantry down

# Also where the machine says not to keep bytecode: else each worker, and each Python that a test starts, compiles all.
test test-deep $(REWRITTEN): export PYTHONDONTWRITEBYTECODE :=

test: setup $(CLIENTS) $(REWRITTEN) ## run the tests that this machine can run, but for the long ones
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

test-deep: setup $(CLIENTS) $(REWRITTEN) ## every test, with every story on the real engine and 20,000 declarations
	@TENANTRY_DEEP=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

fuzz: setup ## damaged files and answers for every reader and renderer: an hour, or FUZZ_SECONDS
	@$(BIN)/python -m tests.fuzz

chaos: setup ## break disks, stores, clocks and updates as docs/reliability.md says, from CHAOS_SEED
	@TENANTRY_CHAOS=1 $(BIN)/python -m pytest -q tests/chaos tests/engine/test_chaos.py

audit-dependencies: setup $(CLIENTS) $(AUDIT) ## the locked packages: known vulnerabilities, and licences
	@$(BIN)/python -m tests.dependencies $(AUDIT)/bin/python

lint: setup ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: setup ## run the benchmarks: JSON in .tenantry/ and tables
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.directory
	@$(BIN)/python -m bench.review
	@$(BIN)/python -m bench.audit
	@$(BIN)/python -m bench.updates

docs: setup ## render the pages and goldens that come from code
	@$(BIN)/python -m tenantry.reference.pages
	@$(BIN)/python -m pytest -q -n auto tests/cli tests/rules/change/test_goldens.py tests/review --renew-goldens

site: $(MKDOCS) ## build the documentation as a site in .tenantry/site, and check every link
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "Built .tenantry/site; \`$(BIN)/python -m mkdocs serve\` shows it."

release: setup ## build the wheel with its bill of materials and their digests into dist/
	@rm -rf dist $(RELEASE)
	@$(BIN)/python -m hatchling build -t wheel -d dist
	@for name in product tools; do $(PYTHON) -m venv --without-pip $(RELEASE)/$$name; done
	@$(PIP) --python $(RELEASE)/product/bin/python install $(QUIETLY) --require-hashes -r requirements-project.lock
	@$(PIP) --python $(RELEASE)/product/bin/python install $(QUIETLY) --no-deps --no-index --find-links dist tenantry
	@$(PIP) --python $(RELEASE)/tools/bin/python install $(QUIETLY) --require-hashes -r requirements-release.lock
	@cd / && $(abspath $(RELEASE))/product/bin/tenantry --version
	@$(RELEASE)/tools/bin/cyclonedx-py environment --output-reproducible -o dist/tenantry.cdx.json $(RELEASE)/product/bin/python
	@cd dist && sha256sum *.whl tenantry.cdx.json > SHA256SUMS && cat SHA256SUMS

lock: ## resolve the dependencies anew (needs uv)
	@uv pip compile $(LOCK) --extra pulumi --extra directory --extra graph --extra dev -o requirements.lock
	@uv pip compile $(LOCK) --extra clients -c requirements.lock -o requirements-clients.lock
	@uv pip compile $(LOCK) --extra site -c requirements.lock -o requirements-site.lock
	@uv pip compile $(LOCK) --extra pulumi --extra directory --extra graph -c requirements.lock -o requirements-project.lock
	@uv pip compile $(LOCK) --extra release -c requirements.lock -o requirements-release.lock
	@uv pip compile $(LOCK) --extra pulumi --extra graph -c requirements.lock -o components/requirements.txt

clean: ## remove the virtual environment, caches and the embedded directory
	@if [ -e $(RUNNING) ]; then $(BIN)/tenantry down || { echo "The embedded directory may still run, and would outlive its state: \`make down\` stops it; then \`make clean\` again." >&2; exit 1; }; fi
	@rm -rf $(VENV) .tenantry dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 11

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "tenantry needs Python 3.11 or newer, and there is no $(PYTHON) here. Name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "tenantry needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) (once; a minute or two)"
	@rm -rf $(VENV) # where it is a link, the link alone
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# In an environment of its own: it is not a part of the product. Where it cannot be had, the audit says so.
$(AUDIT):
	@$(PYTHON) -m venv $@
	@$@/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1 || true

$(CLIENTS): $(READY) requirements-clients.lock
	@echo "Installing the clients that the tests let loose on the embedded directory (once; half a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-clients.lock
	@touch $@

# pytest rewrites the assertions of each test module, and keeps the result: else each worker would do so for itself.
# What is wrong with a module, the tests say.
$(REWRITTEN): $(shell find tests -name "*.py") | $(CLIENTS)
	@mkdir -p $(@D)
	@ls -d tests/*/ | xargs -P $(CORES) -n 8 $(BIN)/python -m pytest --collect-only -q > /dev/null 2>&1 || true
	@touch $@

$(MKDOCS): $(READY) requirements-site.lock
	@echo "Installing what builds the documentation's site (once; some seconds)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-site.lock
	@touch $@
