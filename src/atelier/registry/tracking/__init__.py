"""MLflow runs and what leads back from a model to its data, code and run."""
