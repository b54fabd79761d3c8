"""Champions become BentoML models, and the models and the service one bento."""
