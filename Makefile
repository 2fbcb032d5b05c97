# Every target first sets up what is missing; that does nothing when all is there.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup doctor assess test battery bench fuzz lock clean

BIN := .venv/bin
NETLESS := scripts/netless
# For the demonstration alone: a draw that is known beforehand makes an order that is known beforehand. This one shows
# failures and a twin on the way.
DRAW := 00000000000000000000000000000043
# Under CI a missing reference is a failure.
PYTEST_FLAGS := $(if $(filter true,$(CI)),--require-reference)

help: ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 14

setup: ## install what is missing and build the sandbox images
	@scripts/setup

doctor: setup ## check this machine and make a scenario in it
	@$(NETLESS) $(BIN)/trialplate doctor

assess: setup ## assess the standard examinee of 16 hours: a table, an answer, a report, a bundle to verify
	@echo "Examinee: 16 hours, seed 1. Operator's draw: $(DRAW). Both are fixed, so it ends the same every time."
	@$(NETLESS) $(BIN)/trialplate assess trialplate/examinee -M ability=16h -M seed=1 --seed-beacon $(DRAW)

test: setup ## style, types, layers, tests and coverage, all without a network
	$(NETLESS) $(BIN)/ruff check
	$(NETLESS) $(BIN)/ruff format --check
	$(NETLESS) $(BIN)/basedpyright
	$(NETLESS) $(BIN)/lint-imports --no-logo
	$(NETLESS) $(BIN)/coverage erase
	$(NETLESS) $(BIN)/coverage run -m pytest -n 2 --dist loadgroup $(PYTEST_FLAGS)
	$(NETLESS) $(BIN)/coverage combine --quiet
	$(NETLESS) $(BIN)/coverage report

battery: ## run the slow checks, a row at a time, and go on where the last call stopped
	@scripts/setup --battery
	@$(NETLESS) $(BIN)/python scripts/battery.py

bench: ## time everything against its peers
	@scripts/setup --bench
	@$(NETLESS) $(BIN)/python -m bench

fuzz: ## fuzz every parser of what others write, for ten minutes each
	@scripts/setup --fuzz
	@$(NETLESS) .venv-fuzz/bin/python -m fuzz

lock: setup ## choose the newest allowed versions of all dependencies again
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --extra dev \
		--python-version 3.11 --upgrade --quiet pyproject.toml -o requirements.lock

clean: ## remove the environments and all caches; images and records stay
	rm -rf .venv .venv-fuzz .battery .fuzz .coverage* .hypothesis .pytest_cache .ruff_cache .import_linter_cache dist
	find src tests bench fuzz scripts -name __pycache__ -type d -prune -exec rm -rf {} +
