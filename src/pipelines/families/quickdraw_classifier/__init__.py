"""The Quick Draw classifier: a compact residual network for 28 × 28 drawings."""
