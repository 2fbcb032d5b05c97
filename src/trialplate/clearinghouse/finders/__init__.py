"""Finders: claims of a target, and reports taken in. Pure."""
