"""Hyper-parameter search for any family: an Optuna study, run by several processes."""
