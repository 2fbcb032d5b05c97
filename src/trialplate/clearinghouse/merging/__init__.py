"""Merging: what makes two findings one. Pure."""
