"""Fetch raw data from their source into the raw folder; one module per data set."""
