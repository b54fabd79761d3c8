"""Packaging: champions become BentoML models, and the models and the service become one bento."""
