"""Triage: how a project is built and run, and what its replay or a patch shows. `stage` drives the sandbox."""
