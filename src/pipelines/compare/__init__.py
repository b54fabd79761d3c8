"""Comparison of versions of a family, as a report."""
