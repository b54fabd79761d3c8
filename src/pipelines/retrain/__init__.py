"""Retraining: what is stale is trained again, goes through the gate, is packaged, tested and reported."""
