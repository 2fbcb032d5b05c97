"""Formats: what others write and read, parsed, checked and written. Pure.

Purpose: to turn the bytes of foreign formats into frozen values, and values into their bytes.
In: bytes and texts from anywhere, each of them hostile. Out: values, bytes, findings of checks.
Rules: no clock, file, network or environment, but data that ships with the package; every parser has limits on size,
depth, count and time; nothing is fetched or expanded; a failure says what to do; each format is a part of its own, and
is imported from there.
"""
