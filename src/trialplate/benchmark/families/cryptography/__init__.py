"""Families of cryptographic attack."""
