"""Families of vulnerability discovery."""
