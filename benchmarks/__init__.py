"""Benchmarks: what the project costs and how good its models are, beside plain alternatives."""
