"""Time and memory, beside plain alternatives."""
