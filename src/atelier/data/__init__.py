"""Data: download, checks, splits, and shards."""
