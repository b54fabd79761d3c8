"""Locks and worker processes."""
