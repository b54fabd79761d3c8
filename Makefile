# Thin names for the tools' own commands (the README shows them); each makes .venv first when it must.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DO_NOT_TRACK := 1
export BENTOML_DO_NOT_TRACK := True
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION := false

.PHONY: run test serve ui viz bench format lock clean

run: $(BIN)/.installed            ## the whole pipeline on the built-in sample data
	kedro run

test: $(BIN)/.installed           ## every check: style, types, imports, tests
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	pytest

serve: $(BIN)/.installed          ## the packaged champions and the web page, http://localhost:3000
	bentoml serve

ui: $(BIN)/.installed             ## compare runs in MLflow, http://localhost:5000
	mlflow ui --backend-store-uri $${MLFLOW_TRACKING_URI:-sqlite:///mlflow.db} --workers 1

viz: $(BIN)/.installed            ## look at the pipelines, http://localhost:4141
	kedro viz run

bench: $(BIN)/.installed          ## tables of speed and memory, one script after the other
	for name in speed.rasterize speed.prepare_memory speed.classifier speed.generator quality.baseline_mlp speed.service speed.style; do python -m benchmarks.$$name || exit 1; done

format: $(BIN)/.installed
	ruff check --fix .
	ruff format .

lock: $(BIN)/.installed           ## resolve requirements.lock anew from pyproject.toml
	pip install --quiet uv
	uv pip compile pyproject.toml --extra dev --python-version 3.11 --no-header --no-annotate --output-file requirements.lock
	# The CUDA libraries come with PyTorch's CUDA build where that is installed; its CPU build does without.
	sed -i -E '/^(nvidia-(cu|nc|nv)|cuda-|triton)/d; s/\+cpu//' requirements.lock

clean:                            ## forget data, runs and registered models; packaged champions stay with BentoML
	rm -rf data/base data/small data/full data/test mlflow.db* mlartifacts

$(BIN)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(v != (3, 11) and "error: Atelier needs Python 3.11, this is %d.%d. Point at one: make PYTHON=/path/to/python3.11" % v)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@
