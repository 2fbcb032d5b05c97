"""Families of machines and networks."""
