"""Evaluation of models that edit faces."""
