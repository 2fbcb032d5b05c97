"""Coordination: projects, rank, embargo, the desk and its notices, the state of a case. Pure."""
