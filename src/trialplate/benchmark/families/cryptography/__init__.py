"""Families of cryptographic attack: a misuse, and a service that shows it."""
