"""The Quick Draw classifier: a compact residual network that names a 28 × 28 doodle."""
