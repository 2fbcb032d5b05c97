"""Outlines: lines of `name: text`, in which `@name` stands for the text of that name."""

from outline.reading import OutlineError, read_outline

__all__ = ["OutlineError", "read_outline"]
