"""The public development bank. Everyone knows its key: anything can be tried on it, and nothing is decided by it."""
