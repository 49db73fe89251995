# `make check` is what must pass before a change is handed in.
PYTHON ?= python3

.PHONY: help check test thorough lint types bench notebooks pages pictures test-gpu

help:
	@echo "check      lint, types and test"
	@echo "test       the quick part of the tests, doctests and documents"
	@echo "thorough   all of it: every case, and more examples"
	@echo "lint       formatting and style"
	@echo "types      mypy, strict"
	@echo "bench      every benchmark, on this machine"
	@echo "notebooks  run every notebook, with the answers filled in"
	@echo "pages      write every notebook as HTML, to notebooks/html"
	@echo "pictures   draw the pictures of notebooks and documents again"
	@echo "test-gpu   the tests that need a GPU; none may be skipped"

check: lint types test

test:
	$(PYTHON) -m pytest

thorough:
	MININ_THOROUGH=1 $(PYTHON) -m pytest

lint:
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check

types:
	$(PYTHON) -m mypy

bench:
	@for script in benchmarks/*.py; do \
		name="$$(basename "$$script" .py)"; [ "$$name" = page ] && continue; \
		echo "== $$name"; $(PYTHON) -m "benchmarks.$$name" || echo "== $$name: not measured"; \
	done; $(PYTHON) -m benchmarks.page

notebooks:
	$(PYTHON) -m tools.notebooks run

pages:
	$(PYTHON) -m tools.notebooks html

pictures:
	$(PYTHON) -m tools.pictures

test-gpu:
	MININ_THOROUGH=1 MININ_REQUIRE_GPU=1 $(PYTHON) -m pytest -n 0 -m gpu
