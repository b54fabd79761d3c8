"""Promotion through the gate for every family, and rollback."""
