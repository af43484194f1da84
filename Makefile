# cmtools. `make` alone says what there is. Everything is installed into .venv; delete it to start afresh.
VENV := .venv
PEERS := .venv-peers
SPARK := .venv-spark
LABEL_STUDIO := .venv-labelstudio
PYTHON := $(VENV)/bin/python
INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check

# Python keeps what it compiled, also where the environment says otherwise: tests and services start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help lab test notebooks reference fuzz proofs bench engines format clean

help: ## Say what there is
	@echo "cmtools: human content reviews in Jupyter"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: $(VENV)/lab.stamp ## Start the review service and JupyterLab on the quickstart (PORT=8888, NO_BROWSER=1); Ctrl-C stops both
	@$(PYTHON) -m cmtools lab notebooks $(if $(PORT),--port $(PORT)) $(if $(filter-out 0,$(NO_BROWSER)),--no-browser)

test: $(VENV)/dev.stamp ## Check the code and run every test
	@$(PYTHON) -m tests.tools.prepare
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m pytest --numprocesses 3 --dist loadscope --no-loadscope-reorder

notebooks: $(VENV)/dev.stamp ## Run the tutorials twice and keep their outputs (N=05: those whose names begin so)
	$(PYTHON) -m tests.tools.notebooks $(N)

reference: $(VENV)/dev.stamp ## Write the reference pages of commands and errors anew, from the code
	@$(PYTHON) -m tests.tools.reference

fuzz: $(VENV)/dev.stamp ## Send the service 10,000 generated requests and more (EXAMPLES=100 for each operation, DATABASE=postgresql)
	$(PYTHON) -m tests.fuzz $(or $(EXAMPLES),100) $(or $(DATABASE),sqlite)

proofs: $(VENV)/dev.stamp ## Run the big proofs, or one (PROOF="deliveries 10000 50 postgresql")
	$(PYTHON) -m tests.proofs $(PROOF)

bench: $(VENV)/dev.stamp $(PEERS)/peers.stamp $(LABEL_STUDIO)/label-studio.stamp ## Print the side-by-side measurements (SIZES="1e6 1e7 1e8" decisions for those of agreement)
	BENCH_SIZES="$(SIZES)" BENCH_PEERS=$(PEERS)/bin/python BENCH_LABEL_STUDIO=$(LABEL_STUDIO)/bin/label-studio \
		$(PYTHON) -m pytest -s tests/benchmarks

engines: $(SPARK)/spark.stamp ## Compare counts on Spark with counts here (needs Java 17)
	$(SPARK)/bin/python -m tests.tools.spark

format: $(VENV)/dev.stamp ## Lay the code out as ruff wants it
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

clean: ## Remove the virtual environment and the caches
	rm -rf $(VENV) $(PEERS) $(SPARK) $(LABEL_STUDIO) .mypy_cache .pytest_cache .ruff_cache .hypothesis

# A stamp is newer than pyproject.toml while nothing has changed since the last install: then no pip is started.
$(VENV)/pyvenv.cfg:
	@tools/make_venv.sh $(VENV)

$(VENV)/lab.stamp: pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing cmtools and JupyterLab into $(VENV) (a minute or two, once) ..."
	@$(INSTALL) --editable '.[lab,tutorials]'
	@touch $@

$(VENV)/dev.stamp: pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing cmtools and what its tests need into $(VENV) (a few minutes, once) ..."
	@$(INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/lab.stamp

# What we are measured against, and Spark, are large or pin old versions: each has an environment of its own.
$(PEERS)/peers.stamp: tests/benchmarks/peers/requirements.txt tests/benchmarks/peers/alone.txt
	@echo "Installing what the benchmarks compare with into $(PEERS) (a minute or two, once) ..."
	@tools/make_venv.sh $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/benchmarks/peers/requirements.txt
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r tests/benchmarks/peers/alone.txt
	@touch $@

$(LABEL_STUDIO)/label-studio.stamp: tests/benchmarks/peers/label-studio.txt
	@echo "Installing Label Studio into $(LABEL_STUDIO) (a few minutes, once) ..."
	@tools/make_venv.sh $(LABEL_STUDIO)
	@$(LABEL_STUDIO)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(SPARK)/spark.stamp: pyproject.toml
	@echo "Installing cmtools and PySpark into $(SPARK) (a few minutes, once) ..."
	@tools/make_venv.sh $(SPARK)
	@$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[scale]' 'ibis-framework[pyspark]>=12' 'pyspark>=4,<4.1'
	@touch $@
