"""Training code that the families share."""
