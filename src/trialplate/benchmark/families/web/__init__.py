"""Families of web, interfaces and identity."""
