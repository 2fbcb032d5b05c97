"""Campaigns: a plan, its order and its attempts, up to the draft.

Purpose: to carry one campaign of a subject from its plan to its draft, through any number of processes.
In: a bank, criteria, a model, a folder, a beacon. Out: records of the subject, and how the campaign stands by them.
Rules: what stands is never done again; nothing runs before the order is written down; how a campaign stands is computed
from records alone; one process holds a subject at a time.
"""
