"""Hyper-parameter search: Optuna studies in several processes, written once for every family."""
