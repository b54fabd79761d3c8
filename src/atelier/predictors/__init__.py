"""Typed wrappers of exported models, for evaluation and service."""
