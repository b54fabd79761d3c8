"""Evaluation on the exported file: metrics with intervals, and pictures a person can compare."""
