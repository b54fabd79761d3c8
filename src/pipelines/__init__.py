"""The Kedro project: what runs in which order."""
