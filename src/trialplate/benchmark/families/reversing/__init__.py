"""Families of reverse engineering."""
