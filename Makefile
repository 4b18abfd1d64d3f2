# The template's own verbs; `make` alone lists them. The product has its own Makefile.

PRODUCT := {{cookiecutter.project}}
BIN := .venv/bin
TESTED := import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 14) or sys.exit("error: Python %d.%d is not tested here; use 3.11 to 3.14" % v)
PYTHON ?= $(shell for p in python3 python3.12 python3.13 python3.14 python3.11; do \
	$$p -c '$(TESTED)' 2>/dev/null && echo $$p && break; done)
LOCKS := requirements-dev.txt $(PRODUCT)/requirements-dev.txt
DEMO := build/demo/ml-project

export MLFLOW_DISABLE_TELEMETRY ?= true
# A bake copies the product's folder, so nothing else may come to lie in it.
export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := help
.PHONY: help demo bake test test-e2e test-all test-newest bench lint format lock setup clean

help: ## list the verbs
	@sed -nE 's/^([a-z0-9-]+):.*## /  \1\t/p' Makefile | expand -t 14

demo: setup ## render a project under build/, train its four models, sweep one, show the best and promote it
	rm -rf build/demo
	$(BIN)/cookiecutter --no-input --default-config --output-dir build/demo .
	$(MAKE) -C $(DEMO) setup
	for model in kmeans knn elasticnet drive_failure; do $(MAKE) --no-print-directory -C $(DEMO) train-$$model || exit 1; done
	$(MAKE) --no-print-directory -C $(DEMO) sweep MODEL=drive_failure
	$(MAKE) --no-print-directory -C $(DEMO) best MODEL=drive_failure
	$(MAKE) --no-print-directory -C $(DEMO) promote MODEL=drive_failure
	@echo
	@echo "The project is in $(DEMO), its runs in $(DEMO)/mlflow.db."
	@echo "Look at them: make -C $(DEMO) ui, then open http://localhost:5000"

bake: setup ## render a project under build/ that needs no setup, to try a change in
	rm -rf build/bake
	@# its next steps begin with a setup of its own
	$(BIN)/cookiecutter --no-input --default-config --output-dir build/bake . >/dev/null
	ln -s "$(CURDIR)/.venv" build/bake/ml-project/.venv
	@echo "Try it: make -C build/bake/ml-project train-knn n_neighbors=7"

test: setup ## the template's tests
	$(BIN)/python -m pytest -n auto --durations=10 tests -m "not e2e"

test-e2e: setup ## the slower ones: a bare machine, fresh environments, new libraries, images
	$(BIN)/python -m pytest -n auto --durations=10 tests -m "e2e and not newest"

test-all: setup ## both at once, so that the long ones are begun first
	@# a process more than there are cores, as some wait: for a download, a server, a program to give up
	$(BIN)/python -m pytest -n $$(($$(nproc) + 1)) --durations=10 tests -m "not newest"

test-newest: setup ## the README's commands on a bare Debian testing, whose packages and Python are the newest
	$(BIN)/python -m pytest --durations=10 tests/life/test_bare.py -m newest

bench: setup ## measure the ratios that the README states
	$(BIN)/python bench/bench.py
	$(BIN)/python bench/tables.py
	$(BIN)/python bench/image.py
	$(BIN)/python bench/sweeps.py
	$(BIN)/python bench/faults.py

lint: setup ## look for mistakes, change nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/yamllint --strict .
	$(BIN)/shellcheck .ci/run .s2i/bin/* "$(PRODUCT)"/app.sh "$(PRODUCT)"/.s2i/bin/* "$(PRODUCT)"/.s2i/check-lock "$(PRODUCT)"/openshift/*.sh \
		tests/cluster/containers/*.sh tests/cluster/containers/builder/[!C]*
	cd "$(PRODUCT)" && "$(CURDIR)/$(BIN)/python" -m experiment sync --check

format: setup ## format the code, mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: setup ## pin the template's own tools, and what the product needs
	$(MAKE) -C "$(PRODUCT)" lock VENV="$(CURDIR)/.venv"
	for name in requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" \
			--constraints "$(PRODUCT)/requirements-dev.txt" $$name.in -o $$name.txt || exit 1; done

setup: .venv/.locked ## make .venv from the locks, and install the git hooks

.venv/.locked: $(LOCKS)
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 to 3.14 found; install one or name it: make setup PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c '$(TESTED)'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "error: $(PYTHON) makes no environments; Debian and Ubuntu: apt install $(notdir $(PYTHON))-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/# via/p' "$(PRODUCT)/requirements-dev.txt" > .venv/uv.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r .venv/uv.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python $(LOCKS:%=-r "%")
	@if [ -d .git ] && command -v git >/dev/null; then $(BIN)/pre-commit install; fi
	touch $@

clean: ## remove all that make has made
	rm -rf build .venv
