"""Families of reverse engineering: understand a program without its source."""
