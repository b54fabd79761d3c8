"""The gate for every family, and the way back."""
