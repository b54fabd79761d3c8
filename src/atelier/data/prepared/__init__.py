"""Prepared data sets: splits, shards, and access to them."""
