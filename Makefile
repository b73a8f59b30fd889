# `make run` and `make test` do all that is needed, from a clone onwards.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

.PHONY: run test docs lint clean
run: .venv/.ready-example   ## the example API, on http://127.0.0.1:3030
	$(BIN)/python -m example_app

# With COVERAGE="-m coverage run", `coverage report` then tells whether enough was run.
test: .venv/.ready-test     ## the whole suite
	$(BIN)/python $(COVERAGE) -m pytest

docs: .venv/.ready-docs     ## the site, in build/docs
	$(BIN)/python -m sphinx -W --keep-going -q docs build/docs

lint: .venv/.ready-dev      ## format, lint, types, floors, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright --project pyproject.toml --pythonpath $(BIN)/python
	PYTHONPATH=. $(BIN)/pyright --pythonpath $(BIN)/python \
		--verifytypes flask_tapauth --ignoreexternal
	$(BIN)/lint-imports
	$(BIN)/codespell *.md docs flask_tapauth

clean:
	rm -rf .venv build dist instance *.egg-info

.venv/.ready-%: pyproject.toml | .venv/.made
	$(BIN)/python -m pip install --quiet --editable . --group $*
	touch $@

# The pip that venv brings is too old for dependency groups.
.venv/.made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, with venv and pip."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@
