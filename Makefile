# Every habit of this project is a target here; pre-commit and CI call these and nothing else.

PYTHON3 ?= python3
PYTHON := .venv/bin/python
# Where a CUDA device is there may be no package index: `make gpu` takes the Python it is given.
GPU_PYTHON ?= python3
WINGS := renderers kernels tools training
# By its exact version, first and alone: a range could fetch another build of torch.
TORCH := $(shell grep '^torch==' constraints.txt)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: dev demo test lint check gpu bench nano build clean

dev: .venv/.ready  ## the virtual environment, with the extras [local] and [dev]

# The stamp goes first and comes back last: an install that was broken off is done again.
.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON3) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
	    "glyphagent needs Python 3.11 or newer, this is " + sys.version.split()[0] \
	    + ": name another one, as in `make PYTHON3=python3.12 test`")'
	@rm -f $@
	$(PYTHON3) -m venv .venv
	$(PYTHON) -m pip install --quiet $(TORCH)
	$(PYTHON) -m pip install --quiet -c constraints.txt -e ".[local,dev]"
	@mkdir -p build/typings/glyphagent
	@for wing in $(WINGS); do ln -sfn ../../../$$wing build/typings/glyphagent/$$wing; done
	@touch $@

demo: .venv/.ready  ## a real project, rendered, read and questioned
	$(PYTHON) -P -m glyphagent.tools.demo

test: .venv/.ready  ## every test that needs no GPU
	$(PYTHON) -m pytest -m "not gpu and not bench"

lint: .venv/.ready  ## format, rules and types
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy

check: lint test  ## what a change must pass

gpu:  ## the tests on a CUDA device, with the Python and the install that are there
	$(GPU_PYTHON) -m pytest -o addopts=--import-mode=importlib -o filterwarnings= -m gpu tests/kernels

bench: .venv/.ready  ## measurements; results land in tests/bench/results/
	$(PYTHON) -m pytest -m bench tests/bench

nano: .venv/.ready  ## train, measure and install the embedded reader; goes on where it stopped
	$(PYTHON) -P -m glyphagent nano all --minutes 20

build: .venv/.ready  ## wheel and source archive, in dist/
	rm -rf build/lib build/bdist.*
	$(PYTHON) -m build

clean:  ## all but the virtual environment
	rm -rf build/lib build/bdist.* dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
