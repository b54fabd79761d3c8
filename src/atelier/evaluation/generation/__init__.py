"""How good generated drawings are."""
