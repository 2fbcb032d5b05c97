"""The clearinghouse's commands: open its store, ask its rules, append what follows.

Each module is one command group's; `house` is what they share, and the only thing here that appends.
"""
