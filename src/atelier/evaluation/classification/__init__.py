"""How good a classifier is."""
