"""The steps that build the tables of the record store; Alembic runs them when a store is opened.

A released migration never changes. A new one is `versions/v000N_what.py`, with revision `000N` and one upgrade;
there is no way down, because records are never unmade.
"""
