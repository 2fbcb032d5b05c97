"""Families of machines and networks: rights on one host, and ways to the next."""
