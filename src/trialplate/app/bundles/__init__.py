"""Bundles: what a stranger is given of a campaign, and what it says when it is computed again.

Purpose: to put a subject's records into the log, write them with their proofs and their report, and replay a bundle.
In: a campaign that has ended. Out: a folder whose every byte is listed and signed; what came out the same, or did not.
Rules: a log never signs less than it signed before; a bundle is written whole or not at all; bodies of earlier
campaigns are withheld but for their plans and drafts.
"""
