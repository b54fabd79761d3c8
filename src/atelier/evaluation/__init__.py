"""Evaluation of exported models: metrics with confidence intervals, plots and image grids."""
