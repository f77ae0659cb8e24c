# Tenantry: `make help` lists what there is.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
CLIENTS := $(VENV)/.clients
MKDOCS := $(VENV)/.mkdocs
RUNNING := .tenantry/directory/running.json
# Four more than there are cores: the engine's tests mostly wait.
WORKERS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 4) + 4)))

LOCK := --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --quiet --upgrade pyproject.toml

.DEFAULT_GOAL := help
.PHONY: up down test test-deep fuzz lint bench lock docs site clean help setup

up: setup ## start the embedded directory, provision the sample partner, show who has what
	@$(BIN)/tenantry up

down: setup ## stop the embedded directory (its contents stay for the next `make up`)
	@$(BIN)/tenantry down

# Also where the machine says not to keep bytecode: else each worker, and each Python that a test starts, compiles all.
test test-deep: export PYTHONDONTWRITEBYTECODE :=

test: setup $(CLIENTS) ## run every test that this machine can run
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

test-deep: setup $(CLIENTS) ## every test, with every story on the real engine and 20,000 declarations
	@TENANTRY_DEEP=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

fuzz: setup ## damaged files and answers for every reader and renderer: an hour, or FUZZ_SECONDS
	@$(BIN)/python -m tests.fuzz

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

lock: ## resolve the dependencies anew (needs uv)
	@uv pip compile $(LOCK) --extra pulumi --extra directory --extra graph --extra dev -o requirements.lock
	@uv pip compile $(LOCK) --extra clients -c requirements.lock -o requirements-clients.lock
	@uv pip compile $(LOCK) --extra site -c requirements.lock -o requirements-site.lock
	@uv pip compile $(LOCK) --extra pulumi --extra directory --extra graph -c requirements.lock -o requirements-project.lock
	@uv pip compile $(LOCK) --extra pulumi --extra graph -c requirements.lock -o components/requirements.txt

clean: ## remove the virtual environment, caches and the embedded directory
	@if [ -e $(RUNNING) ]; then $(BIN)/tenantry down || { echo "The embedded directory may still run, and would outlive its state: \`make down\` stops it; then \`make clean\` again." >&2; exit 1; }; fi
	@rm -rf $(VENV) .tenantry .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 11

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "tenantry needs Python 3.11 or newer, and there is no $(PYTHON) here. Name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "tenantry needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) (once; a minute or two)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(CLIENTS): $(READY) requirements-clients.lock
	@echo "Installing the clients that the tests let loose on the embedded directory (once; half a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-clients.lock
	@touch $@

$(MKDOCS): $(READY) requirements-site.lock
	@echo "Installing what builds the documentation's site (once; some seconds)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-site.lock
	@touch $@
