"""Figures of the budgets, measured and printed: `python -m benchmarks [GROUP...]`. Judges nothing in a test."""
