"""Prepared data sets: splits, shards, and how they are read."""
