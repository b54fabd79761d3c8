"""Networks that others trained, each with its source, hash and licence."""
