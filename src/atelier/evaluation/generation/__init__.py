"""Evaluation of generated drawings."""
