"""Reading and checking what was downloaded."""
