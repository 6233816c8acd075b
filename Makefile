# Two commands: `make demo` sees a leaderboard measured here, `make test` sees the tests pass.
# Both make .venv first; that is skipped while pyproject.toml and constraints.txt are unchanged.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

.PHONY: demo test check stress bench browser clean

demo: $(READY)
	$(BIN)/avss-bench run mixture ideal-ratio-mask ideal-binary-mask \
	  --dataset talking-heads-2mix --out results/local --workers $(WORKERS)
	$(BIN)/avss-bench table results/local
	@if $(BIN)/avss-bench transcribe >/dev/null 2>&1; then $(BIN)/avss-bench run ideal-ratio-mask \
	  --dataset talking-heads-2mix-full --limit 10 --out results/local/words --wer-model auto; \
	  else echo "Word error rates are left out; \`avss-bench transcribe\` says how to get the model."; fi

test: check
	$(BIN)/pytest -m "not stress" --numprocesses $(WORKERS) --dist loadfile

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Kill storms, fuzzing and everything else that takes long.
stress: $(READY)
	$(BIN)/pytest -m stress

# What the README and docs state about speed is printed here.
bench: $(READY)
	$(BIN)/python tests/benchmarks/bench_scorer.py
	$(BIN)/python tests/benchmarks/bench_separators.py
	$(BIN)/python tests/benchmarks/bench_calibration.py

# The tests of the page need a browser; without one they are skipped, and say so.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || \
	  { echo "install Chromium by hand to test the page" >&2; exit 2; }

clean:
	rm -rf $(VENV) build dist results/local

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; give it with: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@command -v cc >/dev/null || command -v gcc >/dev/null || \
	  { echo "a C compiler is needed (PESQ is built from source); install gcc, on Debian with: apt install gcc" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@
