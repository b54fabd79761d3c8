"""Read and check raw data."""
