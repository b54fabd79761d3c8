"""Data: reading and checking what comes in, splitting it, and holding it as memory-mapped shards."""
