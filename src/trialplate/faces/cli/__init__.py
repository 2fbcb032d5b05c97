"""The command line: one module a command group, loaded when the group is used."""
