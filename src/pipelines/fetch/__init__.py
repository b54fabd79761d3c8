"""Raw data from its source into data/raw, one module a data set."""
