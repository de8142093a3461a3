# What a developer types; each line can be typed by hand as well.  PYTHON: the full path of one that has '.[dev]'.
PYTHON ?= $(CURDIR)/.venv/bin/python
# rounds of each equality test under the sanitizers
ROUNDS ?= 400
SANITIZE = -fsanitize=address,undefined

.PHONY: test lint bench fuzz

test:
	$(PYTHON) -m pytest

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy --strict
	$(PYTHON) -m mypy --strict bench

bench:
	$(PYTHON) bench/run.py

# The compiled kernel under AddressSanitizer and UndefinedBehaviorSanitizer, in a copy, so that the checkout keeps its own.
# Python's allocator is left out (PYTHONMALLOC), because it hides the borders of small blocks; Python itself leaks at exit.
fuzz:
	set -e; work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; \
	cp -r pyproject.toml stitcher normalizers rules samples tests "$$work"; cd "$$work/stitcher/kernel"; \
	rm -f _compiled*.so; $(PYTHON) -m cython -3 _compiled.pyx; \
	gcc -shared -fPIC -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=undefined $(SANITIZE) \
	    -I"$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')" _compiled.c \
	    -o "_compiled$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')"; \
	cd "$$work"; \
	export PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 STITCHER_KERNEL=compiled; \
	export LD_PRELOAD="$$(gcc -print-file-name=libasan.so)"; \
	$(PYTHON) -c 'import stitcher.kernel._compiled as kernel; print(kernel.__file__)' | grep "^$$work/"; \
	STITCHER_FUZZ=$(ROUNDS) $(PYTHON) -m pytest -s -p no:cacheprovider tests/test_kernels_equal.py
