# Short names for the tools' own commands (README.md shows those). Each target first makes .venv when it is missing.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c '$(SUPPORTED)' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
# One test process per core, at most four: each loads TensorFlow and PyTorch. A module's tests stay in one process, in
# the order that tests/conftest.py gives them.
PYTEST := pytest --numprocesses logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DO_NOT_TRACK := 1
export BENTOML_DO_NOT_TRACK := True
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION := false

.DEFAULT_GOAL := help
.PHONY: help run retrain test lint test-fast test-system coverage audit serve ui tensorboard viz bench family format lock clean

help:                             ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(BIN)/.installed            ## run the whole pipeline on the built-in sample data, up to four families at a time
	kedro run --runner pipelines.runner.FamiliesRunner

retrain: $(BIN)/.installed        ## train what is stale, gate, package, test and report: make retrain [ENV=small] [FAMILIES=a,b]
	python -m pipelines.retrain --env "$(ENV)" --families "$(FAMILIES)"

test: lint                        ## run every check: style, types, imports, all tests
	$(PYTEST)

lint: $(BIN)/.installed           ## check style, types and imports
	ruff check .
	ruff format --check .
	mypy
	lint-imports

test-fast: $(BIN)/.installed      ## run the fast tests: all but whole runs, HTTP, browser and kills
	$(PYTEST) -m "not system"

test-system: $(BIN)/.installed    ## run the slow tests: whole runs, HTTP, browser, kills
	$(PYTEST) -m system

coverage: $(BIN)/.installed       ## run the fast tests and report which lines they do not reach
	$(PYTEST) -m "not system" --cov --cov-report=term

audit: $(BIN)/.installed          ## look for secrets in the files of git, and for known vulnerabilities in the packages
	git ls-files -z | xargs -0 detect-secrets-hook \
		--disable-plugin HexHighEntropyString --disable-plugin Base64HighEntropyString
	pip-audit --requirement requirements.lock --no-deps --disable-pip

serve: $(BIN)/.installed          ## serve the packaged champions and the web page, http://localhost:3000
	bentoml serve

ui: $(BIN)/.installed             ## compare runs in MLflow, http://localhost:5000; of a server, say where its own page is
	python -m atelier.registry.tracking.ui

tensorboard: $(BIN)/.installed    ## compare trainings of the TensorFlow families in TensorBoard, http://localhost:6006
	tensorboard --logdir data

viz: $(BIN)/.installed            ## look at the pipelines, http://localhost:4141
	kedro viz run

bench: $(BIN)/.installed          ## tables of speed and memory, one script after the other
	for name in speed.rasterize speed.full_scale speed.classifier speed.generator quality.baseline_mlp speed.service \
		speed.style; do python -m benchmarks.$$name || exit 1; done

family: $(BIN)/.installed         ## start a new family of models from the smallest one: make family NAME=my_family
	@test -n "$(NAME)" || { echo "error: Give it a name: make family NAME=my_family" >&2; exit 2; }
	python tests/families/start.py $(NAME)

format: $(BIN)/.installed         ## fix style and format
	ruff check --fix .
	ruff format .

lock: $(BIN)/.installed           ## resolve requirements.lock anew from pyproject.toml
	pip install --quiet uv
	uv pip compile pyproject.toml --extra dev --python-version 3.11 --no-header --no-annotate --output-file requirements.lock
	# The CUDA libraries come with PyTorch's CUDA build where that is installed; its CPU build does without.
	sed -i -E '/^(nvidia-(cu|nc|nv)|cuda-|triton|pip==)/d; s/\+cpu//' requirements.lock

clean:                            ## delete data, runs and registered models; packaged champions stay with BentoML
	rm -rf data/base data/small data/full data/test mlflow.db* mlartifacts

$(BIN)/.installed: requirements.lock pyproject.toml
	@$(or $(PYTHON),false) -c '$(SUPPORTED)' || { echo "error: Atelier needs Python 3.11, 3.12 or 3.13; none was found\
	 under its name, or PYTHON is another. Name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@
