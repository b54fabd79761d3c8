"""Raw data from its source into the raw folder, one module a data set."""
