"""Synthetic sample data, made from a seed, so that everything runs offline."""
