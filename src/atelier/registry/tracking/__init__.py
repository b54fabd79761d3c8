"""MLflow runs, and the lineage of a model: its data, code and run."""
