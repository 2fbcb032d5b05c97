"""Families of web programs, their interfaces and who may use them."""
