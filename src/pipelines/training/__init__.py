"""What families share in training."""
