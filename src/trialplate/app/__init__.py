"""The composition root: settings, the worker, and the wiring of each command group; the only place that picks adapters.

Faces call functions of this package and render what they return. Nothing is re-exported here, so that a face loads
the wiring of its own group and no other's dependencies.
"""
