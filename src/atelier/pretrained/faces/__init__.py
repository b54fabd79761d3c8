"""Networks for faces that others trained: one that finds them, and two that judge them."""
