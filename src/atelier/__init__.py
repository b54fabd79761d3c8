"""Atelier: the library that every model family shares. Imports no training framework."""
