"""Fuzzing by coverage, for longer than a test may take: `python -m fuzz.fuzz_intake`. It needs the package atheris."""
