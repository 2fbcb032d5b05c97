"""Trialplate: sealed cyber benchmarking of AI models, and a clearinghouse for the weaknesses they find.

The packages form layers, and an arrow only ever points down:

    faces -> app -> store -> flows -> benchmark (and later contexts) -> measurement, sandbox, trust -> records
"""
