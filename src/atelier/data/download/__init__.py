"""Download data from mirrors and publishers."""
