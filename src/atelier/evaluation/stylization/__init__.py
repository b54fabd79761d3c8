"""How good stylized photos are."""
