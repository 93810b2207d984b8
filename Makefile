# Every target sets up what it needs: a fresh clone with Python >= 3.11, make and git is enough.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

export PATH := $(CURDIR)/$(BIN):$(PATH)
export OMP_NUM_THREADS ?= 1
FLAKY  ?= 2# tests that may pass in a second run only; more of them fail `make test`
DURATIONS ?= 5# the slowest tests that are named
BUDGET := 480# seconds that `make test` is to take on two quiet cores

# $(call step,name,command): run a command, and say how long it took, or that it failed.
step = @echo "== $(1)"; begun=$$(date +%s); $(2); code=$$?; took=$$(( $$(date +%s) - begun )); \
	if [ $$code = 0 ]; then echo "== $(1): $$took s"; else echo "== $(1): FAILED ($$code) after $$took s"; exit 1; fi

.DEFAULT_GOAL := help
.PHONY: help setup demo test check build bench prove compare seeds threats crashes endurance lint lab pictures readme clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## create .venv and install everything (once)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"This course needs Python 3.11 or newer; {sys.executable} is {v[0]}.{v[1]}.\nName another one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)  ## a class handed in, graded, with feedback and a report (demo/)
	$(BIN)/autograder demo

test: $(READY)  ## what a change can break: lint, build check, prove, nbval, tests
	@date +%s > .venv/.begun
	$(call step,lint,$(MAKE) --no-print-directory lint)
	$(call step,build check,$(BIN)/autograder build --check)
	$(call step,prove,$(BIN)/autograder prove)
	$(call step,nbval,$(BIN)/python -m pytest --quiet --numprocesses 2 --nbval solutions)
	@# Tests with real processes have deadlines: one that a busy machine made miss its own runs once more, alone.
	$(call step,tests,$(BIN)/python -m pytest --quiet --numprocesses 2 --dist loadgroup \
		--max-worker-restart 0 --durations $(DURATIONS) --flaky-limit $(FLAKY) -m "not thorough" tests)
	@took=$$(( $$(date +%s) - $$(cat .venv/.begun) )); echo "== make test: $$took s of $(BUDGET) s"

check: $(READY)  ## what is thorough and slow: three engines compared, crashes, hundreds of situations, databases
	$(call step,thorough tests,$(BIN)/python -m pytest --quiet --numprocesses 2 --dist loadgroup \
		--max-worker-restart 0 --durations $(DURATIONS) --flaky-limit $(FLAKY) -m thorough tests)

build: $(READY)  ## make notebooks/ and solutions/ from source/
	$(BIN)/autograder build

prove: $(READY)  ## grade the known answers: are the tests as strict and as fair as they must be? ALONE=1: a notebook each
	$(BIN)/autograder prove $(if $(ALONE),--alone)

threats: $(READY)  ## grade every threat of docs/threats.md, and print the table; STOCK=1: by plain nbgrader too
	THREATS_TABLE=.build/threats.json $(BIN)/python -m pytest --quiet tests/threats
ifdef STOCK
	$(BIN)/python tests/threats/stock.py .build/threats-stock.json
	$(BIN)/python docs/threats.py
endif

seeds: $(READY)  ## measure each threshold over 20 seeds of the solution
	$(BIN)/autograder seeds

bench: $(READY)  ## measure speed and memory side by side with stock nbgrader (an hour, on a quiet machine)
	$(BIN)/python benchmarks/bench.py

compare: $(READY)  ## grade all known answers in the exam, in one kernel and with stock nbgrader (half an hour)
	COMPARE=all $(BIN)/python -m pytest --verbose tests/prove/test_three_engines.py

crashes: $(READY)  ## kill the grader, a driver, the scheduler, a warm parent at ROUNDS=50 random moments of SEED=1
	ROUNDS=$(or $(ROUNDS),50) SEED=$(or $(SEED),1) $(BIN)/python -m pytest --quiet --capture no tests/threats/test_killed.py

endurance: $(READY)  ## grade a class of CLASS=500, one in ten hostile or broken, in one run
	CLASS=$(or $(CLASS),500) $(BIN)/python -m pytest --quiet --capture no tests/threats/test_endurance.py

lint: $(READY)  ## ruff, mypy, which room may import which, and what is declared in pyproject.toml
	$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check . && $(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/deptry autograder lessonkit

pictures: $(READY)  ## make the pictures in docs/ from the solutions and a real JupyterLab
	$(BIN)/autograder demo
	$(BIN)/python docs/pictures.py
	$(BIN)/python docs/processes.py
	PICTURES=$(CURDIR)/docs $(BIN)/python -m pytest --quiet tests/browser

readme: $(READY)  ## write the generated tables of README.md and docs/architecture.md
	$(BIN)/autograder build
	$(BIN)/autograder prove --markdown > .build/prove.md
	$(BIN)/python docs/readme.py
	$(BIN)/python docs/rooms.py

lab: $(READY)  ## open the students' notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

clean:  ## remove what was generated here, but no grades and no submissions
	rm -rf .build demo dist .pytest_cache .mypy_cache .ruff_cache
