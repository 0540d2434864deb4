PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-debezium check bench screenshots lock with-chromium chromium-package

# Where this is set, each worker, server and command would compile anew what it imports: longer than all else at its start.
unexport PYTHONDONTWRITEBYTECODE

run: $(VENV)/.run
	$(BIN)/python manage.py upgrade
	$(BIN)/python manage.py sample --if-empty
	$(BIN)/python app.py

# One worker more than the two cores that it is meant for: some tests wait.
test: with-chromium
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 3

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 3 -m "not browser and not fault"

# Debezium is 200 MB and needs Java, so that `make test` leaves its test out where it isn't installed.
test-debezium: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -r requirements-java.txt
	$(BIN)/python -m pytest tests/services/test_debezium.py

bench: with-chromium
	$(BIN)/python -m tests.bench

# Pictures of every page, light, dark and on a phone, in artefacts/screenshots. `ARGS=--docs` renews the six of the guide.
screenshots: with-chromium
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

# Writes anew what `pip install --require-hashes` takes, after a change of the requirements; versions that fit stay.
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11
lock: $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(LOCK) requirements-traces.txt -o requirements-traces.lock
	$(LOCK) requirements.txt -c requirements-traces.lock -o requirements.lock

# The system's packages and pip's come from different servers, at the same time.
with-chromium:
	$(MAKE) --no-print-directory --jobs=2 $(VENV)/.dev chromium-package
	sh tests/browser/install-chromium.sh $(BIN)/playwright

chromium-package:
	sh tests/browser/install-chromium.sh

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# What is never imported needs no compiling.
$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements.txt requirements-traces.txt requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.run
