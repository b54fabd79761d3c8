"""Raw data checked, split and sharded into memory-mapped shards, one module a data set."""
