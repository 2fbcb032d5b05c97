"""Families of vulnerability discovery: find the weakness in code that is given."""
