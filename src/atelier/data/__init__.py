"""Data: download, checks, splits, and memory-mapped shards."""
