"""The lifecycle of a model, written once for every family."""
