"""Check, split and shard raw data; one module per kind of data."""
