"""Raw data checked, split and sharded into data/prepared, one module a data set."""
